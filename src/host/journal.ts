/**
 * One file for each session that may have left something on an engine, written before the first object is created and removed when
 * all is undone and brought back. It holds what another process needs to do both if the launcher cannot.
 */
import { link, open, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseJournalEntry } from "../protocol/journal-entry.ts";
import type { JournalEntry } from "../protocol/journal-entry.ts";
import { parseLaterState } from "../protocol/later-state.ts";
import type { LaterState } from "../protocol/later-state.ts";
import { parseProcessOwner } from "../protocol/process-owner.ts";
import { findText, writeAtomically } from "./files.ts";
import { isProcessAlive, readProcessIdentity } from "./process-identity.ts";

const sessionPattern = /^[a-z0-9]{1,32}$/;

/** Writes or replaces the entry; it is on the disk when this resolves. */
export async function writeJournal(stateFolder: string, entry: JournalEntry): Promise<void> {
  const path = pathOf(stateFolder, entry.session);
  await writeAtomically(path, `${JSON.stringify(entry, null, 2)}\n`);
  // The rename itself is only there after a power loss if the folder was written too
  const folder = await open(dirname(path), "r").catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

/** Removes the entry, the screen beside it and the drafts that a killed writer left; a lock goes with its holder. */
export async function removeJournal(stateFolder: string, session: string): Promise<void> {
  const path = pathOf(stateFolder, session);
  const names = await readdir(dirname(path)).catch(() => []);
  const drafts = names.filter(
    (name) =>
      (name.startsWith(`${session}.json.`) && name !== `${session}.json.lock`) ||
      name.startsWith(`${session}.screen`),
  );
  await Promise.all(
    [path, ...drafts.map((name) => join(dirname(path), name))].map((one) => rm(one, { force: true })),
  );
}

/** Undefined if there is none or it cannot be understood. */
export async function findJournal(stateFolder: string, session: string): Promise<JournalEntry | undefined> {
  if (!sessionPattern.test(session)) return undefined;
  return parseEntry(await findText(pathOf(stateFolder, session)).catch(() => undefined), session);
}

/** Entries of a later version, which nobody but that one may touch. */
export async function listLaterJournal(stateFolder: string): Promise<LaterState[]> {
  const sessions = await listSessions(stateFolder);
  const texts = sessions.map((session) => findText(pathOf(stateFolder, session)).catch(() => undefined));
  return (await Promise.all(texts)).flatMap((text, index) => {
    const later = parseLaterState(text ?? "");
    return later !== undefined && later.session === sessions[index] ? [later] : [];
  });
}

/** Oldest first; entries that cannot be understood are left out. */
export async function listJournal(stateFolder: string): Promise<JournalEntry[]> {
  const sessions = await listSessions(stateFolder);
  const entries = await Promise.all(sessions.map((session) => findJournal(stateFolder, session)));
  return entries.flatMap((entry) => entry ?? []).toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

/** That have an entry, whatever is in it. */
async function listSessions(stateFolder: string): Promise<string[]> {
  const names = await readdir(join(stateFolder, "journal")).catch(() => []);
  return names.flatMap((name) => (name.endsWith(".json") ? [name.slice(0, -".json".length)] : []));
}

/** Sessions of this machine whose launcher is gone and that nobody has looked after yet. */
export async function listDead(stateFolder: string): Promise<JournalEntry[]> {
  const entries = (await listJournal(stateFolder)).filter((entry) => entry.state !== "kept");
  const alive = await Promise.all(entries.map((entry) => isProcessAlive(entry.owner)));
  return entries.filter((_, index) => !alive[index]);
}

/**
 * Runs `work` unless another living process of ours has a hand on the session. A lock of a dead one is taken over. Gives undefined
 * if it was not run.
 */
export async function withSessionLock<T>(
  stateFolder: string,
  session: string,
  pid: number,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const path = `${pathOf(stateFolder, session)}.lock`;
  // Linked into place, so that a lock that is there always says whose it is
  const draft = `${path}.${crypto.randomUUID()}`;
  await writeAtomically(draft, JSON.stringify(await readProcessIdentity(pid)));
  const isTaken = await takeLock(draft, path).finally(() => rm(draft, { force: true }));
  if (!isTaken) return undefined;
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function takeLock(draft: string, path: string): Promise<boolean> {
  const guard = `${path}.guard`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await linkAs(draft, path)) return true;
    if (await isHeld(path)) return false;
    // Of two that both see a dead holder the slower one must not remove what the faster one has put in its place
    if (await linkAs(draft, guard)) {
      if (!(await isHeld(path))) await rm(path, { force: true });
      const isTaken = await linkAs(draft, path);
      await rm(guard, { force: true });
      return isTaken;
    }
    if (await isHeld(guard)) return false;
    await rm(guard, { force: true });
  }
  return false;
}

/** False if there is a file of that name. */
function linkAs(draft: string, path: string): Promise<boolean> {
  return link(draft, path).then(
    () => true,
    () => false,
  );
}

/** True if a living process has put it there. */
async function isHeld(path: string): Promise<boolean> {
  const holder = parseProcessOwner((await findText(path).catch(() => undefined)) ?? "");
  return holder !== undefined && (await isProcessAlive(holder));
}

function parseEntry(text: string | undefined, session: string): JournalEntry | undefined {
  const entry = parseJournalEntry(text ?? "");
  return entry?.session === session ? entry : undefined;
}

function pathOf(stateFolder: string, session: string): string {
  return join(stateFolder, "journal", `${session}.json`);
}
