/** A hijacked stream as what it carries: a program's input and its two outputs. */
import { writeFrames } from "../core/byte-stream.ts";
import type { ByteStream, Frame, ProgramStream } from "../core/byte-stream.ts";
import { makeDemultiplexer } from "./frames.ts";

/** Without a terminal the engine sends frames; with one there is a single output. */
export function makeProgramStream(stream: ByteStream, hasTerminal: boolean): ProgramStream {
  const split = hasTerminal
    ? (data: Uint8Array): Frame[] => [{ stream: "stdout", data }]
    : makeDemultiplexer();
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
      await stream.forward(hasTerminal ? sinks.output : (chunk) => writeFrames(split(chunk), sinks));
    },
    write: (data) => stream.write(data),
    endInput: () => stream.endInput(),
    destroy: () => stream.destroy(),
    closed: stream.closed,
  };
}
