/** Sections on stdout. A file is sent with exactly the length that was announced, whatever becomes of it meanwhile. */
import { createReadStream, statSync } from "node:fs";
import { renderBytes } from "../../core/text.ts";
import type { CollectSection } from "../../protocol/collect.ts";

/** What may still be sent: `limits.totalBytes` less what was */
let room = 0;

export function beginSending(totalBytes: number): void {
  room = totalBytes;
}

/** Waits until the launcher has taken it, so that a slow one costs no memory here. */
function sendBytes(data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(data, (error) => (error ? reject(error) : resolve()));
  });
}

/** A line of JSON; as many bytes follow as it says. */
export async function sendHeader(section: CollectSection): Promise<void> {
  await sendBytes(`${JSON.stringify(section)}\n`);
}

/** Told to the launcher in place of what could not be collected. */
export async function sendProblem(text: string, remedy?: "locked" | "outside"): Promise<void> {
  const shown = text.slice(0, 1_000);
  const isLocked = remedy === "locked";
  await sendHeader({ section: "problem", text: shown, isLocked, isOutside: remedy === "outside", bytes: 0 });
}

/** A value as JSON; told where there is no room for it. */
export async function sendJson(value: unknown, describe: (bytes: number) => CollectSection): Promise<void> {
  const data = Buffer.from(JSON.stringify(value), "utf8");
  const header = describe(data.length);
  if (data.length > room) return sendProblem(sayNoRoom(header));
  room -= data.length;
  await sendHeader(header);
  await sendBytes(data);
}

/** A file over its limit is not sent but told. */
export async function sendFile(
  path: string,
  maxBytes: number,
  describe: (bytes: number) => CollectSection,
): Promise<void> {
  const { size } = statSync(path);
  // A folder in which nothing changed has an empty patch, which says nothing
  if (size === 0) return;
  const header = describe(size);
  if (size > maxBytes)
    return sendProblem(
      `the ${header.section} has ${renderBytes(size)}, and at most ${renderBytes(maxBytes)} are taken`,
    );
  if (size > room) return sendProblem(sayNoRoom(header));
  room -= size;
  await sendHeader(header);
  for await (const chunk of createReadStream(path, { start: 0, end: size - 1, highWaterMark: 256 * 1024 })) {
    await sendBytes(chunk as Buffer);
  }
}

function sayNoRoom({ section, bytes }: CollectSection): string {
  return `the ${section} has ${renderBytes(bytes)}, and there is room for ${renderBytes(room)} more: free space on the disks of your repository and of the state folder`;
}
