/** Whether a folder takes names that differ in case only for one name: macOS, Windows' disks, and what is mounted from them. */
import { lstat, open, rm } from "node:fs/promises";
import { joinNames, toBytes } from "../archive/byte-names.ts";

/** Tries it with a file that is gone afterwards. False where nothing can be written: what follows fails as well, and says why. */
export async function foldsCase(folder: string): Promise<boolean> {
  const path = joinNames(folder, `.claude-bottle-case-${crypto.randomUUID()}`);
  try {
    await (await open(toBytes(path), "wx", 0o600)).close();
  } catch {
    return false;
  }
  try {
    await lstat(toBytes(path.replace(/case(?=[^/]*$)/, "CASE")));
    return true;
  } catch {
    return false;
  } finally {
    await rm(toBytes(path), { force: true });
  }
}
