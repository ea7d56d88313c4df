/** Bytes between a terminal and a stream of the engine: a side that is slow slows the other down. */
import { once } from "node:events";
import { demultiplex } from "../../../engine/frames.ts";
import type { HijackedStream } from "../../../engine/engine.ts";
import type { SessionTerminal } from "../../bottle.ts";

/** What is left of a piece of input; undefined ends the carrying. */
export type InputFilter = (chunk: Uint8Array) => Uint8Array | undefined;

/** Carries keystrokes or piped input until the returned function is called. The input's end is passed on where it has one. */
export function carryInput(
  stream: HijackedStream,
  { input, isTerminal }: SessionTerminal,
  filter: InputFilter = (chunk) => chunk,
): () => void {
  const onData = (data: Uint8Array | string) => {
    const rest = filter(typeof data === "string" ? Buffer.from(data) : data);
    if (rest === undefined || rest.length === 0) return;
    input.pause();
    stream.write(rest).then(
      () => input.resume(),
      // The other side has ended; the output's end says so
      () => undefined,
    );
  };
  const onEnd = () => {
    if (!isTerminal) stream.endInput();
  };
  input.on("data", onData).on("end", onEnd);
  input.resume();
  return () => {
    input.off("data", onData).off("end", onEnd);
    input.pause();
  };
}

/** Carries output until it ends. Without a terminal it is framed, and stderr goes its own way. */
export async function carryOutput(
  stream: HijackedStream,
  terminal: Pick<SessionTerminal, "isTerminal" | "output" | "errorOutput">,
): Promise<void> {
  if (terminal.isTerminal) {
    for await (const data of stream.output) await write(terminal.output, data);
    return;
  }
  for await (const frame of demultiplex(stream.output))
    await write(frame.stream === "stdout" ? terminal.output : terminal.errorOutput, frame.data);
}

async function write(output: NodeJS.WritableStream, data: Uint8Array): Promise<void> {
  if (data.length > 0 && !output.write(data)) await once(output, "drain");
}
