/** Signals that end a command: the first one asks for an orderly end, and the exit code is 128 and its number. */

const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type EndingSignal = keyof typeof numbers;

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

/** Listens until `stop`. Further signals change nothing: an undoing under way is finished, since it is quick and must be whole. */
export function watchSignals(): SignalWatch {
  const controller = new AbortController();
  let interruption: Interrupted | undefined;
  const listeners = (Object.keys(numbers) as EndingSignal[]).map((name) => {
    const listener = () => {
      interruption ??= new Interrupted(name);
      controller.abort(interruption);
    };
    process.on(name, listener);
    return () => void process.off(name, listener);
  });
  return {
    signal: controller.signal,
    interruption: () => interruption,
    stop: () => listeners.forEach((off) => off()),
  };
}
