/** Reading what a container says, for comparison with what it should have said. */
import { demultiplex } from "../../src/engine/frames.ts";

export async function readAll(output: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of output) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Both outputs of a container without a terminal, whole. */
export async function readFrames(
  output: AsyncIterable<Uint8Array>,
): Promise<{ stdout: string; stderr: string }> {
  const seen: Record<"stdout" | "stderr", Uint8Array[]> = { stdout: [], stderr: [] };
  for await (const frame of demultiplex(output)) seen[frame.stream].push(frame.data);
  return { stdout: Buffer.concat(seen.stdout).toString(), stderr: Buffer.concat(seen.stderr).toString() };
}

/** Reads on until the text has come; gives everything read, after what was seen before. */
export async function readUntil(
  iterator: AsyncIterator<Uint8Array>,
  wanted: string,
  seen = "",
): Promise<string> {
  let text = seen;
  while (!text.includes(wanted)) {
    const next = await iterator.next();
    if (next.done)
      throw new Error(`The stream ended before ${JSON.stringify(wanted)}: ${JSON.stringify(text)}`);
    text += Buffer.from(next.value).toString();
  }
  return text;
}
