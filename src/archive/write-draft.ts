/** A file under a name that is not its own yet. */
import { closeSync, constants, fchmodSync, futimesSync, openSync, rmSync, writeSync } from "node:fs";
import { toBytes } from "./byte-names.ts";

export interface Finish {
  readonly mode: number;
  /** Seconds since 1970 */
  readonly changedAt: number;
}

/** New, and readable only by its owner until it is complete. If that fails, or the content breaks off, it is gone again. */
export async function writeDraft(
  path: string,
  body: AsyncIterable<Uint8Array>,
  finish: Finish,
): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  let descriptor: number | undefined = openSync(toBytes(path), flags, 0o600);
  try {
    for await (const piece of body) writeWhole(descriptor, piece);
    fchmodSync(descriptor, finish.mode);
    setTime(descriptor, finish.changedAt);
    const open = descriptor;
    descriptor = undefined;
    // A disk that is full on another machine may say so only now
    closeSync(open);
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    rmSync(toBytes(path), { force: true });
    throw error;
  }
}

/** One write may take less than it was given. */
function writeWhole(descriptor: number, data: Uint8Array): void {
  for (let at = 0; at < data.length;) at += writeSync(descriptor, data, at, data.length - at);
}

/** A time that the disk cannot hold is not worth the file. */
function setTime(descriptor: number, changedAt: number): void {
  try {
    futimesSync(descriptor, changedAt, changedAt);
  } catch {
    // It keeps the time of its making
  }
}
