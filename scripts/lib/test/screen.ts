/** Where a run of the tests is shown: a line that stays at the bottom of a terminal, or plain lines now and then. */

export interface Screen {
  /** A line that stays */
  say(line: string): void;
  /** What is going on; shown again when it has changed, or without a terminal once in a while */
  show(line: string): void;
  /** Takes the line at the bottom away */
  close(): void;
}

export interface ScreenOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Seconds between two lines about the same where there is no terminal */
const quietSeconds = 30;
const takeAway = "\r\u001b[K";

/** `now` is in seconds. */
export function openScreen(output: ScreenOutput, now: () => number): Screen {
  let shownAt = now();
  let shown = "";
  const atTerminal = output.isTTY === true;
  const cut = (line: string) => line.slice(0, Math.max(20, (output.columns ?? 80) - 1));
  return {
    say(line) {
      output.write(atTerminal && shown !== "" ? `${takeAway}${line}\n${shown}` : `${line}\n`);
    },
    show(line) {
      if (atTerminal) {
        shown = cut(line);
        output.write(`${takeAway}${shown}`);
      } else if (now() - shownAt >= quietSeconds) {
        shownAt = now();
        output.write(`${line}\n`);
      }
    },
    close() {
      if (atTerminal && shown !== "") output.write(takeAway);
      shown = "";
    },
  };
}
