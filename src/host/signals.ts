/** Signals that end a command: the first one asks for an orderly end, and the exit code is 128 and its number. */

const numbers = { SIGHUP: 1, SIGINT: 2, SIGPIPE: 13, SIGTERM: 15 } as const;
type EndingSignal = keyof typeof numbers;

/** What the system sends; SIGPIPE is ignored by the runtime and shows as an error of the output instead */
const sent = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

/** Thrown through the command that a signal interrupted. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(signal: EndingSignal) {
    super(`interrupted by ${signal}`);
    this.exitCode = 128 + numbers[signal];
  }
}

let interruptedAt = -Infinity;

/** Milliseconds since a SIGINT was last taken note of by any watch. */
export function sinceInterrupt(): number {
  return performance.now() - interruptedAt;
}

export interface SignalWatch {
  /** Aborted with an `Interrupted` by the first signal */
  readonly signal: AbortSignal;
  /** The signal that came, if any */
  readonly interruption: () => Interrupted | undefined;
  /** Resolves with the next signal from now on, whether it is the first or not */
  readonly next: () => Promise<void>;
  stop(): void;
}

/**
 * Listens until `stop`. Further signals change nothing but what waits for `next`: an undoing under way is finished, since it is quick
 * and must be whole. An output that takes no more bytes counts as the signal that goes with it: a closed terminal as SIGHUP, a closed
 * pipe as SIGPIPE. A terminal whose input ends while it is read was closed too: not every shell passes its own SIGHUP on. `onHangup`
 * gives true if a closed terminal ends nothing.
 */
export function watchSignals(
  output: NodeJS.WriteStream,
  terminal?: { onClosed(listener: () => void): () => void },
  onHangup: () => boolean = () => false,
): SignalWatch {
  const controller = new AbortController();
  const waiting: (() => void)[] = [];
  let interruption: Interrupted | undefined;
  const interrupt = (name: EndingSignal) => {
    if (name === "SIGHUP" && onHangup()) return;
    interruption ??= new Interrupted(name);
    controller.abort(interruption);
    for (const resolve of waiting.splice(0)) resolve();
  };
  const listeners: (() => void)[] = sent.map((name) => {
    const listener = () => {
      if (name === "SIGINT") interruptedAt = performance.now();
      interrupt(name);
    };
    process.on(name, listener);
    return () => void process.off(name, listener);
  });
  const onLost = () => interrupt(output.isTTY ? "SIGHUP" : "SIGPIPE");
  output.on("error", onLost);
  listeners.push(() => void output.off("error", onLost));
  if (terminal) listeners.push(terminal.onClosed(() => interrupt("SIGHUP")));
  return {
    signal: controller.signal,
    interruption: () => interruption,
    next: () => new Promise((resolve) => waiting.push(resolve)),
    stop: () => listeners.forEach((off) => off()),
  };
}
