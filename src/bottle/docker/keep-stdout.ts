/** The two streams of a container without a terminal, taken apart. */
import type { Frame } from "../../engine/frames.ts";

/** Yields stdout, which is the output proper; stderr goes to `onStderr`. */
export async function* keepStdout(
  frames: AsyncIterable<Frame>,
  onStderr: (data: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const frame of frames) {
    if (frame.stream === "stdout") yield frame.data;
    else onStderr(frame.data);
  }
}
