/**
 * The engine's multiplexed stream of a container without a terminal.
 *
 *   byte 0      stream: 1 stdout, 2 stderr, 0 stdin (written to stdout), 3 the engine's own errors
 *   bytes 1-3   zero
 *   bytes 4-7   length of the payload, big endian
 */
import type { Frame } from "../core/byte-stream.ts";
import { EngineError } from "./engine-error.ts";

const headerLength = 8;

/** Gives the frames of a chunk. A frame that goes on in the next chunk is given in parts. */
type SplitFrames = (chunk: Uint8Array) => Frame[];

/**
 * Takes the frames of one stream apart, wherever its chunks were cut. Payloads are passed on as they come, without waiting for a whole
 * frame. A stream that is not framed throws, since guessing would put stderr into somebody's data.
 */
export function makeDemultiplexer(): SplitFrames {
  let header = Buffer.alloc(0);
  let stream: Frame["stream"] = "stdout";
  let remaining = 0;
  return (chunk) => {
    const frames: Frame[] = [];
    for (let at = 0; at < chunk.length;) {
      if (remaining > 0) {
        const data = chunk.subarray(at, at + remaining);
        remaining -= data.length;
        at += data.length;
        frames.push({ stream, data });
        continue;
      }
      const missing = chunk.subarray(at, at + headerLength - header.length);
      header = Buffer.concat([header, missing]);
      at += missing.length;
      if (header.length < headerLength) continue;
      if (header.readUInt32BE(0) & 0xfcffffff) throw notFramed();
      stream = header.readUInt8(0) >= 2 ? "stderr" : "stdout";
      remaining = header.readUInt32BE(4);
      header = Buffer.alloc(0);
    }
    return frames;
  };
}

/** The frames of a whole stream. One that is cut off just ends. */
export async function* demultiplex(output: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  const split = makeDemultiplexer();
  for await (const chunk of output) yield* split(chunk);
}

function notFramed(): EngineError {
  return new EngineError({
    action: "read the container's output",
    state: "the engine sent it without frames",
  });
}
