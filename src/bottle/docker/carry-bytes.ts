/** Bytes between a terminal and a stream of the engine: a side that is slow slows the other down. */
import { once } from "node:events";
import { makeDemultiplexer } from "../../engine/frames.ts";
import type { Frame } from "../../engine/frames.ts";
import type { HijackedStream } from "../../engine/engine.ts";
import type { ByteSink } from "../../engine/incoming-bytes.ts";
import type { SessionTerminal } from "../bottle.ts";

/** What is left of a piece of input; undefined ends the carrying. */
export type InputFilter = (chunk: Uint8Array) => Uint8Array | undefined;

/** Carries keystrokes or piped input until the returned function is called. The input's end is passed on where it has one. */
export function carryInput(
  stream: HijackedStream,
  { input, isTerminal }: Pick<SessionTerminal, "input" | "isTerminal">,
  filter?: InputFilter,
): () => void {
  const take = (piece: Uint8Array) => {
    const rest = filter ? filter(piece) : piece;
    return rest === undefined || rest.length === 0 ? undefined : stream.write(rest);
  };
  return input.read(take, () => {
    if (!isTerminal) stream.endInput();
  });
}

/** Where output goes. Without a terminal stderr goes its own way. */
export interface OutputSinks {
  readonly output: ByteSink;
  readonly errorOutput: ByteSink;
}

/** Carries output until it ends. */
export function carryOutput(
  stream: HijackedStream,
  terminal: Pick<SessionTerminal, "isTerminal" | "output" | "errorOutput">,
): Promise<void> {
  const sinks = makeSinks(terminal);
  if (terminal.isTerminal) return stream.forward(sinks.output);
  const split = makeDemultiplexer();
  return stream.forward((chunk) => writeFrames(split(chunk), sinks));
}

/** Of the user's terminal, or of the pipes in its place. */
export function makeSinks({
  output,
  errorOutput,
}: Pick<SessionTerminal, "output" | "errorOutput">): OutputSinks {
  return { output: writeTo(output), errorOutput: writeTo(errorOutput) };
}

/** Writes frames in their order; there is only something to wait for where a sink is slow. */
export function writeFrames(frames: readonly Frame[], sinks: OutputSinks): void | Promise<void> {
  for (const [index, { stream, data }] of frames.entries()) {
    const waiting = stream === "stdout" ? sinks.output(data) : sinks.errorOutput(data);
    if (waiting) return waiting.then(() => writeFrames(frames.slice(index + 1), sinks));
  }
}

function writeTo(output: NodeJS.WritableStream): ByteSink {
  return (data) => (data.length === 0 || output.write(data) ? undefined : hasRoom(output));
}

async function hasRoom(output: NodeJS.WritableStream): Promise<void> {
  await once(output, "drain");
}
