/** Bytes between a terminal and a stream of the engine: a side that is slow slows the other down. */
import { once } from "node:events";
import { demultiplex } from "../../engine/frames.ts";
import type { HijackedStream } from "../../engine/engine.ts";
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

/** Carries output until it ends. Without a terminal it is framed, and stderr goes its own way. */
export async function carryOutput(
  stream: HijackedStream,
  { isTerminal, output, errorOutput }: Pick<SessionTerminal, "isTerminal" | "output" | "errorOutput">,
): Promise<void> {
  const show = writeTo(output);
  if (isTerminal) return stream.forward(show);
  const complain = writeTo(errorOutput);
  for await (const frame of demultiplex(stream.output))
    await (frame.stream === "stdout" ? show : complain)(frame.data);
}

/** Nothing to wait for while there is room. */
export function writeTo(output: NodeJS.WritableStream): (data: Uint8Array) => void | Promise<void> {
  return (data) => (data.length === 0 || output.write(data) ? undefined : hasRoom(output));
}

async function hasRoom(output: NodeJS.WritableStream): Promise<void> {
  await once(output, "drain");
}
