/** What killed processes left in the journal's folder beside entries: drafts of files, and locks of nobody. */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isProcessAlive } from "./process-identity.ts";
import type { ProcessIdentity } from "./process-identity.ts";
import { findText } from "./files.ts";

/** A draft becomes its file within milliseconds; the age is of this machine's own clock on both sides */
const draftMs = 60_000;

/** Absolute paths. */
export async function listStaleState(stateFolder: string, now: number): Promise<string[]> {
  const folder = join(stateFolder, "journal");
  const names = await readdir(folder).catch(() => []);
  const stale = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const isStale = name.endsWith(".json")
        ? false
        : name.endsWith(".lock")
          ? !(await isHeld(path))
          : now - ((await stat(path).catch(() => undefined))?.mtimeMs ?? now) > draftMs;
      return isStale ? [path] : [];
    }),
  );
  return stale.flat();
}

export async function removeStaleState(paths: readonly string[]): Promise<void> {
  await Promise.all(paths.map((path) => rm(path, { force: true })));
}

async function isHeld(path: string): Promise<boolean> {
  try {
    return await isProcessAlive(JSON.parse((await findText(path)) ?? "") as ProcessIdentity);
  } catch {
    return false;
  }
}
