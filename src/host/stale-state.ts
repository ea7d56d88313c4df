/** What killed processes left in the state folder beside what is kept there: drafts of files, and locks of nobody. */
import { parseProcessOwner } from "../protocol/process-owner.ts";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isProcessAlive } from "./process-identity.ts";
import { draftEnding, findText } from "./files.ts";

/** A draft becomes its file within milliseconds; the age is of this machine's own clock on both sides */
const draftMs = 60_000;

/** Absolute paths. */
export async function listStaleState(stateFolder: string, now: number): Promise<string[]> {
  const journal = join(stateFolder, "journal");
  const [inJournal, beside] = await Promise.all(
    [journal, stateFolder].map((folder) => readdir(folder).catch(() => [])),
  );
  const places = [
    ...(inJournal ?? []).map((name) => join(journal, name)),
    ...(beside ?? []).filter((name) => name.endsWith(draftEnding)).map((name) => join(stateFolder, name)),
  ];
  const stale = await Promise.all(places.map(async (path) => ((await isStale(path, now)) ? [path] : [])));
  return stale.flat();
}

async function isStale(path: string, now: number): Promise<boolean> {
  if (path.endsWith(".json")) return false;
  // What a session's screen looks like goes with its entry
  if (path.endsWith(".screen"))
    return (await stat(path.replace(/screen$/, "json")).catch(() => undefined)) === undefined;
  if (path.endsWith(".lock")) return !(await isHeld(path));
  return now - ((await stat(path).catch(() => undefined))?.mtimeMs ?? now) > draftMs;
}

export async function removeStaleState(paths: readonly string[]): Promise<void> {
  await Promise.all(paths.map((path) => rm(path, { force: true })));
}

async function isHeld(path: string): Promise<boolean> {
  const holder = parseProcessOwner((await findText(path).catch(() => undefined)) ?? "");
  return holder !== undefined && (await isProcessAlive(holder));
}
