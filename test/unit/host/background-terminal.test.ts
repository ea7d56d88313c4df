import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { makeBackgroundTerminal } from "../../../src/host/background-terminal.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function aTerminal() {
  const told: string[] = [];
  let quiet = 0;
  const terminal = makeBackgroundTerminal({
    environment: { TERM: "xterm" },
    columns: 100,
    rows: 30,
    onQuiet: () => (quiet += 1),
    onTell: (text) => told.push(text),
  });
  return { terminal, told, quiet: () => quiet };
}

describe("the terminal of a session that nobody sits at", () => {
  test("is quiet a second and a half after the last output, once, and not before there was any", () => {
    const { terminal, quiet } = aTerminal();
    jest.advanceTimersByTime(10_000);
    expect(quiet()).toBe(0);
    terminal.output.write("a");
    jest.advanceTimersByTime(1_499);
    terminal.output.write("b");
    jest.advanceTimersByTime(1_499);
    expect(quiet()).toBe(0);
    jest.advanceTimersByTime(1);
    expect(quiet()).toBe(1);
    jest.advanceTimersByTime(10_000);
    expect(quiet()).toBe(1);
  });

  test("is not heard of any more once it was given back", () => {
    const { terminal, quiet } = aTerminal();
    terminal.output.write("a");
    terminal.restore();
    jest.advanceTimersByTime(10_000);
    expect(quiet()).toBe(0);
  });

  test("keeps the modes, for whoever attaches, and nothing that was drawn", () => {
    const { terminal } = aTerminal();
    terminal.output.write("\u001b[?2004hsecret text");
    terminal.errorOutput.write("\u001b[?1049h");
    expect(terminal.screen?.render()).toBe("\u001b[?2004h");
  });

  test("counts as a terminal of that size, passes on what is told, and has no keys and no end", () => {
    const { terminal, told } = aTerminal();
    expect(terminal.isTerminal).toBe(true);
    expect(terminal.size()).toEqual({ columns: 100, rows: 30 });
    expect(terminal.environment).toEqual({ TERM: "xterm" });
    terminal.tell?.("something");
    expect(told).toEqual(["something"]);
    let ends = 0;
    const count = () => void (ends += 1);
    terminal.input.read(count, count);
    terminal.onClosed(count);
    terminal.enterRaw();
    jest.advanceTimersByTime(10_000);
    expect(ends).toBe(0);
  });
});
