/** How much room a folder's disk has for those who may not use its reserve. */
import { statfs } from "node:fs/promises";

/** Undefined if there is no such folder on this machine, or nobody may look. */
export async function findFreeBytes(folder: string | Buffer): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
