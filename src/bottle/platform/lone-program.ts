/** A program that is run to its end by itself, without a network: to ask it for its version. */

export interface LoneProgram {
  readonly image: string;
  /** For the image's own program; nothing secret */
  readonly words: readonly string[];
  readonly session: string;
  readonly memoryBytes: number;
  readonly pids: number;
  /** It is removed after that time, whether it has ended or not */
  readonly endMs: number;
  /** Longer output is cut, at a place of the platform's own */
  readonly maxTextLength: number;
  /** Ends the waiting */
  readonly signal: AbortSignal;
}
