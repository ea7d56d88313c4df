/** How much may come out of a bottle, so that what it goes to is not full afterwards. */
import { findFreeBytes } from "./free-bytes.ts";

const gibibyte = 1024 * 1024 * 1024;
/** Of a disk with little room half of that is left */
const reserveBytes = gibibyte;
/** A bundle lies there as it came, as the pack that is checked, and as the one in the repository */
const copies = 3;

/** Bytes that there is room for on the fullest of the folders' disks; one that nobody may look at counts nothing. */
export async function findRoom(
  folders: readonly string[],
  findFree: (folder: string) => Promise<number | undefined> = findFreeBytes,
): Promise<number> {
  const free = await Promise.all(folders.map((folder) => findFree(folder)));
  const rooms = free.map((bytes) => roomOf(bytes ?? Infinity));
  return Math.min(...rooms, Infinity);
}

function roomOf(free: number): number {
  return free === Infinity ? free : Math.floor((free - Math.min(reserveBytes, free / 2)) / copies);
}
