/** Sessions of one home folder as its journal and the engine show them. */
import type { JournalEntry } from "../../src/protocol/journal-entry.ts";
import type { RunningBottle } from "../../src/bottle/bottle.ts";
import { writeJournal } from "../../src/host/journal.ts";

/** Of a session whose bottle runs; its launcher is gone. */
export function aJournalEntry(differences: Partial<JournalEntry> = {}): JournalEntry {
  const session = differences.session ?? "k3f9q2";
  return {
    schema: 1,
    session,
    bottleName: `hello-${session}`,
    agent: "hello",
    owner: { bootId: "x", pid: 1, startTime: "1" },
    environment: {},
    workspace: undefined,
    hasTranscript: true,
    state: "running",
    startedAt: "2026-01-01T00:00:00.000Z",
    ...differences,
  };
}

/** The same session as `list` of a platform gives it. */
export function aRunningBottle(differences: Partial<RunningBottle> = {}): RunningBottle {
  const session = differences.session ?? "k3f9q2";
  return {
    name: `hello-${session}`,
    session,
    agent: "hello",
    bottle: "b",
    runtime: "runc",
    state: "running",
    createdAt: "2026-01-01T00:00:00.000Z",
    isOwned: true,
    ...differences,
  };
}

/** Writes an entry for each. */
export async function writeEntries(folder: string, entries: readonly JournalEntry[]): Promise<void> {
  for (const entry of entries) await writeJournal(folder, entry);
}
