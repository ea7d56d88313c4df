/** Bytes between a terminal and a program: a side that is slow slows the other down. */
import { once } from "node:events";
import type { ByteSink, OutputSinks, ProgramStream } from "../../core/byte-stream.ts";
import type { SessionTerminal } from "../../core/terminal.ts";

/** What is left of a piece of input; undefined ends the carrying. */
export type InputFilter = (chunk: Uint8Array) => Uint8Array | undefined;

/** Carries keystrokes or piped input until the returned function is called. The input's end is passed on where it has one. */
export function carryInput(
  stream: ProgramStream,
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

/** Of the user's terminal, or of the pipes in its place. */
export function makeSinks({
  output,
  errorOutput,
}: Pick<SessionTerminal, "output" | "errorOutput">): OutputSinks {
  return { output: writeTo(output), errorOutput: writeTo(errorOutput) };
}

function writeTo(output: NodeJS.WritableStream): ByteSink {
  return (data) => (data.length === 0 || output.write(data) ? undefined : hasRoom(output));
}

async function hasRoom(output: NodeJS.WritableStream): Promise<void> {
  await once(output, "drain");
}
