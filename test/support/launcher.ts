/** The processes of ours beside a session: its launcher, as the journal names it, and the reaper that watches the launcher. */
import type { JournalEntry } from "../../src/protocol/journal-entry.ts";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { patient } from "./patience.ts";
import type { SessionWorld } from "./scripted-session.ts";

export function journalFolder(world: Pick<SessionWorld, "home">): string {
  return join(world.home, ".local/state/claude-bottle/journal");
}

/** Sessions that something may be left of; a lock or a draft is no entry. */
export async function readJournal(world: Pick<SessionWorld, "home">): Promise<JournalEntry[]> {
  const names = await readdir(journalFolder(world)).catch(() => []);
  const texts = await Promise.all(
    names
      .filter((name) => name.endsWith(".json"))
      .map((name) => readFile(join(journalFolder(world), name), "utf8").catch(() => undefined)),
  );
  return texts.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as JournalEntry]));
}

/** Processes whose command line has all of the words, but for this one. */
async function findProcesses(...words: readonly string[]): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return words.every((word) => line.includes(word)) && Number(pid) !== process.pid ? Number(pid) : [];
    }),
  );
  return found.flat();
}

/** The reaper's words end with the session's id, which no other process has */
export function findReaper(session: string): Promise<number[]> {
  return findProcesses("claude-bottle-reaper", "reap-session", session);
}

/** Ends the reaper first, so that it cannot see the launcher's end. */
export async function killLauncherAndReaper({ session, owner }: JournalEntry): Promise<void> {
  for (const pid of [...(await findReaper(session)), owner.pid]) process.kill(pid, "SIGKILL");
}

export async function waitUntil(isSo: () => Promise<boolean>, what: string, limitMs = 20_000): Promise<void> {
  const atMostMs = patient(limitMs);
  for (const end = Date.now() + atMostMs; !(await isSo());) {
    if (Date.now() > end) throw new Error(`Within ${atMostMs} ms it did not come about: ${what}`);
    await Bun.sleep(100);
  }
}
