/** A hijacked stream as what it carries: a program's input and its two outputs. */
import type { ByteStream, ProgramStream } from "../core/byte-stream.ts";
import { makeSplitStream } from "../core/split-stream.ts";
import { makeDemultiplexer } from "./frames.ts";

/** Without a terminal the engine sends frames; with one there is a single output. */
export function makeProgramStream(stream: ByteStream, hasTerminal: boolean): ProgramStream {
  return makeSplitStream(stream, hasTerminal ? undefined : makeDemultiplexer());
}
