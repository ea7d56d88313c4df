/** Whether an open file is where it was looked for: between listing and opening, a folder above it can have become a link. */
import { readlinkSync, realpathSync } from "node:fs";
import { fromBytes, toBytes, toText } from "./byte-names.ts";

/** Linux tells where an open file is; elsewhere its path is resolved again, and such systems may spell it another way. */
export function isOpenedAt(descriptor: number, path: string, expected: string): boolean {
  const opened = findOpened(descriptor);
  if (opened !== undefined) return opened === expected;
  return fold(fromBytes(realpathSync(toBytes(path), { encoding: "buffer" }))) === fold(expected);
}

function findOpened(descriptor: number): string | undefined {
  try {
    return fromBytes(readlinkSync(`/proc/self/fd/${descriptor}`, { encoding: "buffer" }));
  } catch {
    return undefined;
  }
}

function fold(path: string): string {
  return toText(path).normalize("NFC").toLowerCase();
}
