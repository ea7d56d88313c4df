/** What is left on a terminal after a session, as a terminal draws it. */
import { describe, expect, test } from "bun:test";
import { Terminal } from "@xterm/headless";
import { TerminalFilter } from "../../../src/host/terminal-filter/terminal-filter.ts";
import { resetSequences } from "../../../src/host/terminal.ts";

async function draw(output: string): Promise<string[]> {
  const screen = new Terminal({ cols: 40, rows: 6, allowProposedApi: true });
  await new Promise<void>((resolve) => screen.write(output, resolve));
  const { active } = screen.buffer;
  return Array.from({ length: 5 }, (_, row) => active.getLine(row)?.translateToString(true) ?? "");
}

/** What the terminal is sent for this, and what then takes it back */
function passAndUndo(output: string): string {
  const filter = new TerminalFilter({ allowsClipboard: false, allowsTitle: true });
  return Buffer.from(filter.push(Buffer.from(output))).toString() + filter.undoing();
}

const programs: readonly (readonly [string, string, readonly string[]])[] = [
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
];

describe("what takes a session back", () => {
  test.each(programs)("lets go on below what is there after a program that %s", async (_, before, after) => {
    expect(await draw(`${before}${resetSequences}shell again`)).toEqual([...after]);
    expect(await draw(`${passAndUndo(before)}shell again`)).toEqual([...after]);
  });

  test("the control: without it the shell goes on in the middle of what the program drew", async () => {
    const left = await draw("shell\r\n\u001b[?1049h\r\n\r\nXshell again");
    expect(left).not.toContain("shell");
    expect(left).toContain("Xshell again");
  });

  test("may come twice", async () => {
    const twice = `shell\r\n\u001b[?1049hX${resetSequences}${resetSequences}shell again`;
    expect(await draw(twice)).toEqual(["shell", "shell again", "", "", ""]);
  });

  test("leaves no screen that the program has left: tmux would go back to where the cursor was before it", () => {
    expect(passAndUndo("\u001b[?1049h")).toMatch(/1049h.*1049l/s);
    expect(passAndUndo("\u001b[?1049h\u001b[?1049l").match(/1049l/g)).toHaveLength(1);
  });

  test("leaves the screen also after a soft reset, which stays on it, and after numbers with zeros in front", () => {
    expect(passAndUndo("\u001b[?1049h\u001b[!p")).toMatch(/1049h.*1049l/s);
    expect(passAndUndo("\u001b[?0001049h")).toMatch(/1049h.*1049l/s);
  });
});
