/** A terminal's clipboard is filled only where the user said so. */
import { expect, test } from "bun:test";
import { EventEmitter } from "node:events";
import type { App } from "../../../../src/session/app.ts";
import { openTerminal } from "../../../../src/session/run/open-terminal.ts";

const fillsClipboard = "\u001b]52;c;aGVsbG8=\u0007";

/** What a terminal that is opened so shows of what an agent writes. */
function shownBy(open: (app: App) => ReturnType<typeof openTerminal>): string {
  let shown = "";
  const stream = () =>
    Object.assign(new EventEmitter(), {
      isTTY: true,
      writable: true,
      columns: 80,
      rows: 24,
      write: (data: Uint8Array) => {
        shown += Buffer.from(data).toString();
        return true;
      },
    });
  const stdin = Object.assign(new EventEmitter(), { isTTY: false });
  const app = { world: { stdin, stdout: stream(), stderr: stream(), env: {} } } as unknown as App;
  const terminal = open(app);
  for (const output of [terminal.output, terminal.errorOutput]) output.write(`a${fillsClipboard}b`);
  return shown;
}

test("it is not by default, on either output", () => {
  expect(shownBy((app) => openTerminal(app))).toBe("abab");
  expect(shownBy((app) => openTerminal(app, false))).toBe("abab");
});

test("it is where that was asked for: the control", () => {
  expect(shownBy((app) => openTerminal(app, true))).toBe(`a${fillsClipboard}b`.repeat(2));
});
