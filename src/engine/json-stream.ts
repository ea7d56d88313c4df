/** The engine's progress streams: JSON objects one after another, each on a line of its own, cut anywhere. */
import { makeLineSplitter } from "../core/lines.ts";
import type { Attempt } from "./engine-error.ts";
import { readBody } from "./response-body.ts";

/** Yields the objects of an answer as they come. Lines that are not JSON are passed over. */
export async function* readJsonStream<T>(response: Response, attempt: Attempt): AsyncGenerator<T> {
  const lines = makeLineSplitter();
  for await (const chunk of readBody(response, attempt))
    for (const line of lines.push(chunk)) yield* parseLine<T>(line);
  yield* parseLine<T>(lines.rest());
}

function* parseLine<T>(line: string): Generator<T> {
  if (line.trim() === "") return;
  try {
    yield JSON.parse(line) as T;
  } catch {
    // A half line is what a daemon that died leaves; the caller sees the end of the stream
  }
}
