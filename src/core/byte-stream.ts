/** Bytes in both directions, as a connection to a running program gives them: raw, or taken apart into the program's two outputs. */

/** Takes a piece; what it returns is waited for before the next one comes. */
export type ByteSink = (piece: Uint8Array) => void | Promise<void>;

interface OpenStream {
  /** A promise until the bytes are on their way: wait for it, and a slow reader slows the writer. Rejects if the other side has closed */
  write(data: Uint8Array | string): void | Promise<void>;
  /** Half-close: the other side sees end of input, output goes on */
  endInput(): void;
  destroy(): void;
  /** Resolves when the connection is gone, for whatever reason; output that nobody reads holds it open */
  readonly closed: Promise<void>;
}

export interface ByteStream extends OpenStream {
  /** Raw bytes of the other side; ends when it closes, also when it dies */
  readonly output: AsyncIterableIterator<Uint8Array>;
  /** Hands what is left of `output` to a sink as it comes, and resolves at the end */
  forward(sink: ByteSink): Promise<void>;
}

/** A piece of one of a program's two outputs. */
export interface Frame {
  readonly stream: "stdout" | "stderr";
  readonly data: Uint8Array;
}

/** Where the two outputs go. */
export interface OutputSinks {
  readonly output: ByteSink;
  readonly errorOutput: ByteSink;
}

/** A program's input and its outputs. With a terminal all output is stdout. */
export interface ProgramStream extends OpenStream {
  readonly output: AsyncIterableIterator<Frame>;
  /** Hands what is left of `output` to its sinks as it comes, and resolves at the end */
  forward(sinks: OutputSinks): Promise<void>;
}

/** Writes frames in their order; there is only something to wait for where a sink is slow. */
export function writeFrames(frames: readonly Frame[], sinks: OutputSinks): void | Promise<void> {
  for (const [index, { stream, data }] of frames.entries()) {
    const waiting = stream === "stdout" ? sinks.output(data) : sinks.errorOutput(data);
    if (waiting) return waiting.then(() => writeFrames(frames.slice(index + 1), sinks));
  }
}

/** Yields stdout, which is the output proper; stderr goes to `onStderr`. */
export async function* keepStdout(
  frames: AsyncIterable<Frame>,
  onStderr: (data: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const frame of frames) {
    if (frame.stream === "stdout") yield frame.data;
    else onStderr(frame.data);
  }
}
