/** The user's terminal as a session needs it. */

/** What claude reads: keys, or what is piped in. */
export interface SessionInput {
  /**
   * Hands on every piece until the returned function is called; a promise that `take` returns is waited for before the next one is read.
   * `onEnd` is called where the input ends by itself.
   */
  read(take: (piece: Uint8Array) => void | Promise<void>, onEnd: () => void): () => void;
}

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
