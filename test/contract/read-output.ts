import type { Frame } from "../../src/core/byte-stream.ts";

/** All that a program says on its two outputs. */
export async function readAll({
  output,
}: {
  readonly output: AsyncIterable<Frame>;
}): Promise<Record<Frame["stream"], string>> {
  const seen = { stdout: "", stderr: "" };
  for await (const { stream, data } of output) seen[stream] += Buffer.from(data).toString();
  return seen;
}
