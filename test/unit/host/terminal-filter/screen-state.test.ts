/** Which modes a program has set, by what went through the filter. */
import { expect, test } from "bun:test";
import { TerminalFilter } from "../../../../src/host/terminal-filter/terminal-filter.ts";

function stateAfter(output: string) {
  const filter = new TerminalFilter({ allowsClipboard: false, allowsTitle: true });
  filter.push(Buffer.from(output));
  return filter.screen;
}

const escape = "\u001b";

test.each([
  ["nothing", "plain text\r\n\u001b[31mred\u001b[0m\u001b[2J\u001b[H", ""],
  [
    "a full-screen program's start",
    "[?25l|[?1049h|[?2004;1004h|[?1006h",
    "[?1049h|[?25l|[?2004h|[?1004h|[?1006h",
  ],
  ["what was taken back", "[?25l|[?1049h|[?2004h|[?7l|[?7h|[?2004l|[?1049l|[?25h", ""],
  ["what lasts for a frame only", "[?2026h|[?1048h", ""],
  ["keyboards", "[>1u|[>5u|[<u|[>4;2m|=", "[>4;2m|=|[>1u"],
  ["keyboards that were taken back", "[>1u|[=3;1u|[<9u|[>4;2m|[>4m|=|>", ""],
  ["the cursor's shape", "[5 q", "[5 q"],
  ["what came after a reset alone", "[?1049h|[?2004h|c|[?1004h", "[?1004h"],
  // Not let through, so not set
  ["what the terminal was not told", "[?5522h|[?2004h", "[?2004h"],
])("keeps %s", (_, output, kept) => {
  const sequences = (text: string) =>
    text
      .split("|")
      .map((one) => (one === "" || one.includes(" text") ? one : escape + one))
      .join("");
  expect(stateAfter(output.includes(escape) ? output : sequences(output)).render()).toBe(sequences(kept));
});

test("says whether the shell's screen was left, and tells of every change", () => {
  const filter = new TerminalFilter({ allowsClipboard: false, allowsTitle: true });
  const seen: boolean[] = [];
  filter.screen.onChange = () => seen.push(filter.screen.isAlternate);
  for (const piece of ["\u001b[?10", "49h", "text", "\u001b[1m", "\u001b[?2026h", "\u001b[?47l"])
    filter.push(Buffer.from(piece));
  expect(seen).toEqual([true, false]);
});
