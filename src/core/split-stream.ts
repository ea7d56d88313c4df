/** A raw stream as what it carries: a program's input and its two outputs. */
import { writeFrames } from "./byte-stream.ts";
import type { ByteStream, Frame, ProgramStream } from "./byte-stream.ts";

/** Takes the two outputs out of the pieces of a stream, in their order. */
type SplitOutputs = (piece: Uint8Array) => readonly Frame[];

/** Without `splitOutputs` all that comes is the one output of a terminal. */
export function makeSplitStream(stream: ByteStream, splitOutputs: SplitOutputs | undefined): ProgramStream {
  const split = splitOutputs ?? ((data: Uint8Array): Frame[] => [{ stream: "stdout", data }]);
  /** Came in one piece with what was read last */
  const waiting: Frame[] = [];
  const output: AsyncIterableIterator<Frame> = {
    async next() {
      while (waiting.length === 0) {
        const next = await stream.output.next();
        if (next.done) return { done: true, value: undefined };
        waiting.push(...split(next.value));
      }
      return { done: false, value: waiting.shift() as Frame };
    },
    async return() {
      await stream.output.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => output,
  };
  return {
    output,
    async forward(sinks) {
      await writeFrames(waiting.splice(0), sinks);
      // The short way for a terminal: every keystroke's echo goes it
      await stream.forward(splitOutputs ? (piece) => writeFrames(splitOutputs(piece), sinks) : sinks.output);
    },
    write: (data) => stream.write(data),
    endInput: () => stream.endInput(),
    destroy: () => stream.destroy(),
    closed: stream.closed,
  };
}
