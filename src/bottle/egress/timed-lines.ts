/** Events of a sidecar's program with the time at which the engine took note of them. */
import type { Frame } from "../../core/byte-stream.ts";
import { makeLineSplitter, parseObjectLine } from "../../core/lines.ts";

export interface TimedLine {
  readonly time: string;
  readonly event: Readonly<Record<string, unknown>>;
}

/** A line longer than this is cut; an event of ours is some hundred bytes */
const maxLineLength = 64 * 1024;

/** Lines of stdout as the engine stamps them (`2026-01-01T00:00:00.000000000Z {…}`); what is no event is left out. */
export async function* readTimedLines(frames: AsyncIterable<Frame>): AsyncGenerator<TimedLine> {
  const lines = makeLineSplitter(maxLineLength);
  for await (const { stream, data } of frames) {
    if (stream !== "stdout") continue;
    for (const line of lines.push(data)) {
      const at = line.indexOf(" ");
      const event = parseObjectLine(line.slice(at + 1));
      if (at > 0 && event) yield { time: line.slice(0, at), event };
    }
  }
}
