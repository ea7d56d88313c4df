/** The user's terminal during a session: raw and back, its size, and what it shows when the session is over. */
import type { SessionTerminal } from "../core/terminal.ts";
import { countOf, escapeForTerminal } from "../core/text.ts";
import { dropTypedAhead } from "./prompt.ts";
import { makeRawMode } from "./raw-mode.ts";
import { makeInput } from "./session-input.ts";
import { leaveAlternate, undoChanges } from "./terminal-filter/changes.ts";
import { filterOutput } from "./terminal-filter/filtered-output.ts";
import type { FilteredOutput } from "./terminal-filter/filtered-output.ts";
import { popEntry } from "./terminal-filter/keyboard-state.ts";
import { undoLink, undoProgress } from "./terminal-filter/osc-rules.ts";
import type { CommandRules } from "./terminal-filter/osc-rules.ts";
import type { ScreenState } from "./terminal-filter/screen-state.ts";
import type { World } from "./world.ts";

export interface UserTerminal extends SessionTerminal {
  /** The listener is called when the terminal turns out to be closed while it is read */
  onClosed(listener: () => void): () => void;
  /** Gives it back for good: nothing more is read from it or shown on it */
  leave?(): void;
  /** What was switched on at it by what went to `output`; undefined where nothing is drawn */
  readonly screen?: ScreenState | undefined;
}

/** Takes back what any program may have changed, by whoever does not know what it was: see `undoChanges`. */
/** The title of before, on a stack that the agent itself cannot reach */
const saveTitle = "\u001b[22;0t";
/** Harmless where none was saved */
const restoreTitle = "\u001b[23;0t";

/** Takes back what any session may have changed, for whoever does not know what it was; see `TerminalFilter.undoing` for who does. */
export const resetSequences = `\u001b[?2026l${popEntry}${leaveAlternate}${popEntry}${undoChanges}${undoLink}${undoProgress}${restoreTitle}`;

const stdinDescriptor = 0;

/** Makes the terminal of a session. Without one on both sides it is a pair of pipes, of which each may still end at a terminal. */
export function makeTerminal(world: World, asked: Pick<CommandRules, "allowsClipboard">): UserTerminal {
  const isTerminal = world.stdin.isTTY === true && world.stdout.isTTY === true;
  const [output, errorOutput] = filterBoth(world, { ...asked, allowsTitle: isTerminal });
  const undoPipes = undoOnce(world, output, errorOutput);
  const raw = makeRawMode(stdinDescriptor);
  let isRaw = false;
  const enterRaw = () => {
    if (!isTerminal || isRaw) return;
    raw.enter();
    isRaw = true;
    writeToLiveTerminal(world.stdout, saveTitle);
  };
  const restore = () => {
    if (!isTerminal) undoPipes();
    if (!isRaw) return;
    isRaw = false;
    raw.restore();
    writeToLiveTerminal(world.stdout, output.undo() + restoreTitle);
  };
  // Whatever ends the process, the shell that follows must be usable
  process.on("exit", restore);
  const { onResize, tellLost } = makeResizes(world.stdout);
  followStops({
    isRaw: () => isRaw,
    restore,
    resume() {
      // Raw in our eyes may not be raw any more: a shell that takes over sets the terminal as it likes
      const left = isRaw ? output.screen?.undo() : undefined;
      if (isRaw) raw.enter();
      else enterRaw();
      writeToLiveTerminal(world.stdout, (left ?? "") + output.redo());
      tellLost();
    },
  });
  return {
    isTerminal,
    environment: pickTerminalEnvironment(world.env, isTerminal),
    size: () => ({ columns: world.stdout.columns || 80, rows: world.stdout.rows || 24 }),
    enterRaw,
    restore,
    leave: () => [restore, output.mute, errorOutput.mute].forEach((act) => act()),
    onResize,
    tell: (text) => void (isRaw && writeToLiveTerminal(world.stdout, renderTelling(text))),
    ...makeKeyboard(world, isTerminal),
    output: output.stream,
    errorOutput: errorOutput.stream,
    screen: output.screen,
  };
}

/**
 * The title, a notification (OSC 9) and the bell, as far as the terminal has them: nothing of it moves the cursor or draws. What claude
 * writes comes in whole sequences only, so this is never put into the middle of one.
 */
function renderTelling(text: string): string {
  const shown = escapeForTerminal(text).slice(0, 200);
  return `\u001b]2;${shown}\u0007\u001b]9;${shown}\u0007\u0007`;
}

function filterBoth({ stdout, stderr }: World, rules: CommandRules): [FilteredOutput, FilteredOutput] {
  return [filterOutput(stdout, rules), filterOutput(stderr, rules)];
}

/** Leaves terminals behind a pair of pipes as they were; plain text leaves them so. */
export function undoOnce(
  world: Pick<World, "stdout" | "stderr">,
  output: FilteredOutput,
  errorOutput: FilteredOutput,
): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    if (output.hasDrawn()) writeToLiveTerminal(world.stdout, output.undo());
    if (errorOutput.hasDrawn()) writeToLiveTerminal(world.stderr, errorOutput.undo());
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
  /** Raw again, and redrawn */
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
