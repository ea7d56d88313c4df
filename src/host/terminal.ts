/** The user's terminal during a session: raw and back, its size, and what it shows when the session is over. */
import { readlinkSync } from "node:fs";
import { countOf } from "../core/text.ts";
import { dropTypedAhead } from "./prompt.ts";
import { makeRawMode } from "./raw-mode.ts";
import { makeInput } from "./session-input.ts";
import type { SessionInput } from "./session-input.ts";
import { filterOutput } from "./terminal-filter/filtered-output.ts";
import type { CommandRules } from "./terminal-filter/osc-rules.ts";
import type { ScreenState } from "./terminal-filter/screen-state.ts";
import type { World } from "./world.ts";

/** As the session needs it; `src/bottle/bottle.ts` says what each part means */
export interface UserTerminal {
  readonly isTerminal: boolean;
  readonly environment: Readonly<Record<string, string>>;
  size(): { readonly columns: number; readonly rows: number };
  enterRaw(): void;
  restore(): void;
  onResize(listener: (isLost: boolean) => void): () => void;
  /** The listener is called when the terminal turns out to be closed while it is read */
  onClosed(listener: () => void): () => void;
  readonly input: SessionInput;
  readonly output: NodeJS.WritableStream;
  readonly errorOutput: NodeJS.WritableStream;
  /** What was switched on at it by what went to `output`; undefined where nothing is drawn */
  readonly screen?: ScreenState | undefined;
}

/**
 * What a full-screen program may have left on or changed: held-back output, kitty keyboard, the alternate screen, bracketed paste, focus,
 * mouse, colour-scheme and size reports, xterm's keys, cursor and keypad keys, insert, margins, reverse video, no wrapping, a
 * line-drawing character set, a hidden or reshaped cursor, colours, an open link, the title. Each is harmless where it was not on, but
 * for leaving the alternate screen: that restores a saved cursor also where there is nothing to leave. The cursor is saved in front of
 * it, which helps where each screen has a saved cursor of its own, and not in tmux: whoever knows that the screen was left, leaves it out.
 */
export function makeReset(isAlternate: boolean): string {
  return `\u001b[?2026l\u001b[<u${isAlternate ? "\u001b7\u001b[?1049l" : ""}${resetModes}`;
}

/** How every reset ends, whatever screen it leaves. */
export const resetModes = [
  "\u001b[?2004l\u001b[?1004l",
  "\u001b[?9l\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1005l\u001b[?1006l\u001b[?1015l\u001b[?1016l",
  "\u001b[?2031l\u001b[?2048l\u001b[>4m\u001b[?1l\u001b>\u001b[4l\u001b[?69l\u001b7\u001b[r\u001b8\u001b[?5l\u001b[?45l\u001b[?7h",
  "\u000f\u001b(B\u001b[?25h\u001b[0 q\u001b[0m\u001b]8;;\u001b\\\u001b[23;0t",
].join("");

/** The title of before, which the reset takes back; the agent itself cannot reach that stack */
const saveTitle = "\u001b[22;0t";

const stdinDescriptor = 0;

/** Makes the terminal of a session. Without one on both sides it is a pair of pipes, of which each may still end at a terminal. */
export function makeTerminal(world: World, rules: CommandRules): UserTerminal {
  const output = filterOutput(world.stdout, rules);
  const errorOutput = filterOutput(world.stderr, rules);
  const isTerminal = world.stdin.isTTY === true && world.stdout.isTTY === true;
  const raw = makeRawMode(stdinDescriptor);
  let isRaw = false;
  const enterRaw = () => {
    if (!isTerminal || isRaw) return;
    raw.enter();
    isRaw = true;
    writeToLiveTerminal(world.stdout, saveTitle);
  };
  const restore = () => {
    if (!isRaw) return;
    isRaw = false;
    raw.restore();
    writeToLiveTerminal(world.stdout, output.undoing() + makeReset(output.screen?.isAlternate !== false));
  };
  // Whatever ends the process, the shell that follows must be usable
  process.on("exit", restore);
  const { onResize, tellLost } = makeResizes(world.stdout);
  followStops({
    isRaw: () => isRaw,
    restore,
    resume() {
      // Raw in our eyes may not be raw any more: a shell that takes over sets the terminal as it likes
      if (isRaw) raw.enter();
      else enterRaw();
      writeToLiveTerminal(world.stdout, output.screen?.render() ?? "");
      tellLost();
    },
  });
  return {
    isTerminal,
    environment: pickTerminalEnvironment(world.env, isTerminal),
    size: () => ({ columns: world.stdout.columns || 80, rows: world.stdout.rows || 24 }),
    enterRaw,
    restore,
    onResize,
    ...makeKeyboard(world, isTerminal),
    output: output.stream,
    errorOutput: errorOutput.stream,
    screen: output.screen,
  };
}

/** Raw, a terminal's input has no end but the terminal's own. */
function makeKeyboard(world: World, isTerminal: boolean): Pick<UserTerminal, "input" | "onClosed"> {
  const keys = makeInput(world.openInput);
  const listeners = new Set<() => void>();
  return {
    input: {
      read(take, onEnd) {
        if (world.stdin.isTTY === true) tellDropped(world, dropTypedAhead());
        return keys.read(take, () => {
          if (isTerminal) listeners.forEach((listener) => listener());
          onEnd();
        });
      },
    },
    onClosed(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** It may have been meant for claude, or have been the rest of an answer. */
function tellDropped(world: World, bytes: number): void {
  if (bytes === 0 || world.stderr.isTTY !== true) return;
  writeToLiveTerminal(world.stderr, `Dropped what was typed too early (${countOf(bytes, "byte")})\r\n`);
}

function makeResizes(output: NodeJS.WriteStream) {
  const listeners = new Set<(isLost: boolean) => void>();
  const onResize: UserTerminal["onResize"] = (listener) => {
    const onChange = () => listener(false);
    output.on("resize", onChange);
    listeners.add(listener);
    return () => {
      output.off("resize", onChange);
      listeners.delete(listener);
    };
  };
  const tellLost = () => listeners.forEach((listener) => listener(true));
  return { onResize, tellLost };
}

interface StoppedTerminal {
  isRaw(): boolean;
  restore(): void;
  /** Raw again, and drawn anew */
  resume(): void;
}

/**
 * SIGTSTP, sent by another program: the shell gets a cooked terminal, and coming back makes it raw and full again. SIGSTOP gives no
 * notice, and whoever had the terminal meanwhile (a shell, a laptop's console) has set it and drawn on it.
 */
function followStops(terminal: StoppedTerminal): void {
  let wasRaw = false;
  process.on("SIGTSTP", () => {
    wasRaw = terminal.isRaw();
    terminal.restore();
    process.kill(process.pid, "SIGSTOP");
  });
  process.on("SIGCONT", () => {
    if (!wasRaw && !terminal.isRaw()) return;
    wasRaw = false;
    terminal.resume();
  });
}

/** Writing to a terminal that is gone raises an error or a signal; there is nobody left to read it. */
function writeToLiveTerminal(output: NodeJS.WriteStream, text: string): void {
  if (output.destroyed || !output.writable) return;
  output.write(text, () => undefined);
}

/** Colours and cursor movement fit only if the bottle knows the terminal; the values are short words or they are left out. */
export function pickTerminalEnvironment(env: World["env"], isTerminal: boolean): Record<string, string> {
  if (!isTerminal) return {};
  const names = ["TERM", "COLORTERM", "TERM_PROGRAM"];
  return Object.fromEntries(
    names.flatMap((name) => (/^[\w.+-]{1,64}$/.test(env[name] ?? "") ? [[name, env[name] ?? ""]] : [])),
  );
}

/** Path of the terminal that this process talks to, by which another process finds it. Undefined without one, or without /proc. */
export function findTerminalPath(world: World): string | undefined {
  const streams = [
    [world.stderr, 2],
    [world.stdout, 1],
    [world.stdin, 0],
  ] as const;
  const descriptor = streams.find(([stream]) => stream.isTTY === true)?.[1];
  if (descriptor === undefined) return undefined;
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return undefined;
  }
}
