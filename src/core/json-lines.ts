/** Lines out of a container's output: JSON objects and, kept apart, what people were meant to read. */
import type { Frame } from "./byte-stream.ts";
import { makeLineSplitter, parseObjectLine } from "./lines.ts";

export interface OutputLine {
  readonly text: string;
  /** Set if the line is a JSON object on stdout */
  readonly json: Readonly<Record<string, unknown>> | undefined;
}

/** A line longer than this is cut: output of a sidecar is not trusted to be short */
const maxLineLength = 64 * 1024;

/** Splits both streams into lines; a JSON object is only taken from stdout. */
export async function* readJsonLines(frames: AsyncIterable<Frame>): AsyncGenerator<OutputLine> {
  const lines = { stdout: makeLineSplitter(maxLineLength), stderr: makeLineSplitter(maxLineLength) };
  for await (const { stream, data } of frames) {
    for (const text of lines[stream].push(data))
      yield { text, json: stream === "stdout" ? parseObjectLine(text) : undefined };
  }
  // Of a program that was ended in the middle of a word
  for (const text of [lines.stdout.rest(), lines.stderr.rest()])
    if (text !== "") yield { text, json: undefined };
}
