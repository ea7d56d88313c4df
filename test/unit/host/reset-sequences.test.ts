/** What is left on a terminal after a session, as a terminal draws it. */
import { describe, expect, test } from "bun:test";
import { Terminal } from "@xterm/headless";
import { makeReset } from "../../../src/host/terminal.ts";

async function draw(output: string): Promise<string[]> {
  const screen = new Terminal({ cols: 40, rows: 6, allowProposedApi: true });
  await new Promise<void>((resolve) => screen.write(output, resolve));
  const { active } = screen.buffer;
  return Array.from({ length: 5 }, (_, row) => active.getLine(row)?.translateToString(true) ?? "");
}

describe("makeReset", () => {
  test.each([
    ["used its screen as it is", "shell\r\nclaude\r\n", ["shell", "claude", "shell again", "", ""]],
    ["saved the cursor somewhere", "shell\u001b7\r\nclaude\r\n", ["shell", "claude", "shell again", "", ""]],
    [
      "left the alternate screen itself",
      "shell\r\n\u001b[?1049hX\u001b[?1049lbye\r\n",
      ["shell", "bye", "shell again", "", ""],
    ],
    [
      "was ended in the alternate screen",
      "shell\r\n\u001b[?1049h\r\n\r\nX",
      ["shell", "shell again", "", "", ""],
    ],
    ["was ended twice", `shell\r\n\u001b[?1049hX${makeReset(true)}`, ["shell", "shell again", "", "", ""]],
  ])("lets go on below what is there after a program that %s", async (_, before, after) => {
    expect(await draw(`${before}${makeReset(true)}shell again`)).toEqual(after);
  });

  test("leaves no screen that the program has left: tmux would go back to where the cursor was before it", () => {
    expect(makeReset(true)).toContain("\u001b[?1049l");
    expect(makeReset(false)).not.toContain("\u001b[?1049l");
  });
});
