/** The user's terminal as a session needs it, and what takes its place where nobody sits. */

/** What claude reads: keys, or what is piped in. */
export interface SessionInput {
  /**
   * Hands on every piece until the returned function is called; a promise that `take` returns is waited for before the next one is read.
   * `onEnd` is called where the input ends by itself.
   */
  read(take: (piece: Uint8Array) => void | Promise<void>, onEnd: () => void): () => void;
}

/** Nobody is there: nothing comes, and no end either */
export const silentInput: SessionInput = { read: () => () => undefined };

/** Over before it begins */
export const emptyInput: SessionInput = {
  read(_take, onEnd) {
    onEnd();
    return () => undefined;
  },
};

export interface SessionTerminal {
  readonly isTerminal: boolean;
  /** `TERM` and `COLORTERM` for the bottle */
  readonly environment: Readonly<Record<string, string>>;
  size(): { readonly columns: number; readonly rows: number };
  /** Switches to raw mode until `restore`; both may be called more than once */
  enterRaw(): void;
  restore(): void;
  /** `isLost`: what was on the screen is not there any more, and whoever draws must draw again, be the size as before */
  onResize(listener: (isLost: boolean) => void): () => void;
  /** Says one line of our own to whoever sits there, beside what is drawn and without touching it */
  tell?(text: string): void;
  readonly input: SessionInput;
  readonly output: NodeJS.WritableStream;
  readonly errorOutput: NodeJS.WritableStream;
}

/** What a session has in a terminal's place where nobody sits: three streams, and a size that never changes. */
export function makeStreamTerminal(
  streams: Pick<SessionTerminal, "input" | "output" | "errorOutput">,
): SessionTerminal {
  const nothing = () => undefined;
  return {
    isTerminal: false,
    environment: {},
    size: () => ({ columns: 80, rows: 24 }),
    enterRaw: nothing,
    restore: nothing,
    onResize: () => nothing,
    ...streams,
  };
}
