/** Lines out of a container's output: JSON objects and, kept apart, what people were meant to read. */
import type { Frame } from "./byte-stream.ts";

export interface OutputLine {
  readonly text: string;
  /** Set if the line is a JSON object on stdout */
  readonly json: Readonly<Record<string, unknown>> | undefined;
}

/** A line longer than this is cut: output of a sidecar is not trusted to be short */
const maxLineLength = 64 * 1024;

/** Splits both streams into lines; a JSON object is only taken from stdout. */
export async function* readJsonLines(frames: AsyncIterable<Frame>): AsyncGenerator<OutputLine> {
  const pending = { stdout: "", stderr: "" };
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  for await (const frame of frames) {
    const lines = (pending[frame.stream] + decoders[frame.stream].decode(frame.data, { stream: true })).split(
      "\n",
    );
    pending[frame.stream] = (lines.pop() ?? "").slice(0, maxLineLength);
    for (const text of lines) yield parseLine(text, frame.stream);
  }
  // Of a program that was ended in the middle of a word
  for (const stream of ["stdout", "stderr"] as const)
    if (pending[stream] !== "") yield { text: pending[stream], json: undefined };
}

function parseLine(text: string, stream: Frame["stream"]): OutputLine {
  if (stream !== "stdout" || !text.startsWith("{")) return { text, json: undefined };
  try {
    return { text, json: JSON.parse(text) as Record<string, unknown> };
  } catch {
    return { text, json: undefined };
  }
}
