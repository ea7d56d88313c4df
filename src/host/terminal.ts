/** The user's terminal during a session: raw and back, its size, and what it shows when the session is over. */
import { makeRawMode } from "./raw-mode.ts";
import type { World } from "./world.ts";

/** As the session needs it; `src/bottle/bottle.ts` says what each part means */
export interface UserTerminal {
  readonly isTerminal: boolean;
  readonly environment: Readonly<Record<string, string>>;
  size(): { readonly columns: number; readonly rows: number };
  enterRaw(): void;
  restore(): void;
  onResize(listener: () => void): () => void;
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly errorOutput: NodeJS.WritableStream;
}

/**
 * What a full-screen program may have left on: kitty keyboard, bracketed paste, focus and mouse reports, the alternate screen,
 * a hidden cursor, colours. Each is harmless where it was not on.
 */
export const resetSequences =
  "\u001b[<u\u001b[?2004l\u001b[?1004l\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?1049l\u001b[?25h\u001b[0m";

const stdinDescriptor = 0;

/** Makes the terminal of a session. Without one on both sides it is a pair of pipes. */
export function makeTerminal(world: World): UserTerminal {
  const isTerminal = world.stdin.isTTY === true && world.stdout.isTTY === true;
  const raw = makeRawMode(stdinDescriptor);
  let isRaw = false;
  const enterRaw = () => {
    if (!isTerminal || isRaw) return;
    raw.enter();
    isRaw = true;
  };
  const restore = () => {
    if (!isRaw) return;
    isRaw = false;
    raw.restore();
    writeToLiveTerminal(world.stdout, resetSequences);
  };
  // Whatever ends the process, the shell that follows must be usable
  process.on("exit", restore);
  followStops(enterRaw, restore, () => isRaw);
  return {
    isTerminal,
    environment: pickTerminalEnvironment(world.env, isTerminal),
    size: () => ({ columns: world.stdout.columns || 80, rows: world.stdout.rows || 24 }),
    enterRaw,
    restore,
    onResize: (listener) => {
      world.stdout.on("resize", listener);
      return () => void world.stdout.off("resize", listener);
    },
    input: world.stdin,
    output: world.stdout,
    errorOutput: world.stderr,
  };
}

/** Ctrl-Z sent by another program: the shell gets a cooked terminal, and coming back makes it raw and full again. */
function followStops(enterRaw: () => void, restore: () => void, isRaw: () => boolean): void {
  let wasRaw = false;
  process.on("SIGTSTP", () => {
    wasRaw = isRaw();
    restore();
    process.kill(process.pid, "SIGSTOP");
  });
  process.on("SIGCONT", () => {
    if (!wasRaw) return;
    wasRaw = false;
    enterRaw();
    process.stdout.emit("resize");
  });
}

/** Writing to a terminal that is gone raises an error or a signal; there is nobody left to read it. */
function writeToLiveTerminal(output: NodeJS.WriteStream, text: string): void {
  if (output.destroyed || !output.writable) return;
  output.write(text, () => undefined);
}

/** Colours and cursor movement fit only if the bottle knows the terminal; the values are short words or they are left out. */
function pickTerminalEnvironment(env: World["env"], isTerminal: boolean): Record<string, string> {
  if (!isTerminal) return {};
  const names = ["TERM", "COLORTERM", "TERM_PROGRAM"];
  return Object.fromEntries(
    names.flatMap((name) => (/^[\w.+-]{1,64}$/.test(env[name] ?? "") ? [[name, env[name] ?? ""]] : [])),
  );
}
