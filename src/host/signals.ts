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

export interface SignalWatch {
  /** Aborted with an `Interrupted` by the first signal */
  readonly signal: AbortSignal;
  /** The signal that came, if any */
  readonly interruption: () => Interrupted | undefined;
  stop(): void;
}

/**
 * Listens until `stop`. Further signals change nothing: an undoing under way is finished, since it is quick and must be whole. An
 * output that takes no more bytes counts as the signal that goes with it: a closed terminal as SIGHUP, a closed pipe as SIGPIPE.
 */
export function watchSignals(output: NodeJS.WriteStream): SignalWatch {
  const controller = new AbortController();
  let interruption: Interrupted | undefined;
  const interrupt = (name: EndingSignal) => {
    interruption ??= new Interrupted(name);
    controller.abort(interruption);
  };
  const listeners = sent.map((name) => {
    const listener = () => interrupt(name);
    process.on(name, listener);
    return () => void process.off(name, listener);
  });
  const onLost = () => interrupt(output.isTTY ? "SIGHUP" : "SIGPIPE");
  output.on("error", onLost);
  listeners.push(() => void output.off("error", onLost));
  return {
    signal: controller.signal,
    interruption: () => interruption,
    stop: () => listeners.forEach((off) => off()),
  };
}
