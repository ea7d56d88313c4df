/** What a service said last, for whoever asks why it did not come up. */
import { escapeForTerminal } from "../../core/text.ts";
import type { ServicePart } from "../platform/services.ts";

const maxLines = 12;
const maxLength = 200;
/** A line may be of any length, and all of it is the service's */
const maxBytes = 256 * 1024;

/** Escaped and cut; none if it said nothing, or nobody can tell. */
export async function readLastLines(part: Pick<ServicePart, "readLogs">): Promise<string[]> {
  const chunks: Uint8Array[] = [];
  let left = maxBytes;
  try {
    for await (const { data } of part.readLogs({ isFollowing: false, tail: maxLines })) {
      chunks.push(data.subarray(0, left));
      left -= data.length;
      if (left <= 0) break;
    }
  } catch {
    // The news is that it is not ready
  }
  const lines = Buffer.concat(chunks)
    .toString("utf8")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
  return lines.slice(-maxLines).map((line) => escapeForTerminal(line.slice(0, maxLength)));
}
