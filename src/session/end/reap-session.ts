/** The end of a session whose launcher is gone, and the work of one that still runs. */
import type { JournalEntry } from "../../protocol/journal-entry.ts";
import type { Bottles } from "../../bottle/bottles.ts";
import { madeByLater } from "../../bottle/later-version.ts";
import { findJournal, listLaterJournal } from "../../host/journal.ts";
import { stateFolder } from "../../host/state.ts";
import type { App } from "../app.ts";
import { StoredSession } from "../store/stored-session.ts";
import { bringBack } from "./bring-back.ts";
import { bringBackIfAny, nothingMore } from "./bring-back-in-turn.ts";
import { keepEgress, readSessionEgress } from "./record-egress.ts";
import { describe, settle, tell } from "./settle-work.ts";
import { makeWorkProgress } from "./work-progress.ts";

/** Called by the reaper's command and by sweeps, for a session whose launcher is gone. Returns lines about what stayed. */
export async function reapSession(app: App, bottles: Bottles, session: string): Promise<readonly string[]> {
  const { world } = app;
  const folder = stateFolder(world);
  // Without an entry nothing is known about the work, so it stays where it is
  const entry = await findJournal(folder, session);
  if (!entry) return removeUnknown(folder, bottles, session);
  const stored = new StoredSession(world, entry);
  const outcome = await stored.inTurn(async () => {
    if (entry.state === "brought") return removeBrought(bottles, stored);
    const egress = await keepEgress(world, entry, await readSessionEgress(bottles, entry));
    // What runs ends first, since work is collected that stands still
    await bottles.removeSession(session, { waits: false });
    const work = await bringBackIfAny(world, bottles, entry);
    const left = await bottles.removeSession(session);
    const stayed = await settle(bottles, stored, work, left.length > 0);
    await stored.noteLost({ ...egress, ...describe(work) });
    // The launcher may have been killed while it wrote
    await stored.removeDrafts();
    return [...left, ...stayed, ...work.problems];
  });
  return outcome ?? [];
}

/** One that a later version has begun is that version's to end. */
async function removeUnknown(folder: string, bottles: Bottles, session: string): Promise<readonly string[]> {
  const later = (await listLaterJournal(folder)).find((one) => one.session === session);
  if (later) throw madeByLater(later.bottleName ?? session);
  return bottles.removeSession(session);
}

/** All of the work is on this machine and its receipt is written, unless the launcher was killed before it could. */
async function removeBrought(bottles: Bottles, stored: StoredSession): Promise<readonly string[]> {
  const left = await bottles.removeSession(stored.session);
  const stayed = await settle(bottles, stored, nothingMore, left.length > 0);
  const receipt = await stored.findReceipt();
  if (receipt?.end === "running") await stored.noteLost();
  return [...left, ...stayed];
}

/** Brings over what is there now. Of a bottle that is over it is the last time, if all of it comes through. */
export async function pullSession(
  app: App,
  bottles: Bottles,
  entry: JournalEntry,
  isRunning: boolean,
): Promise<{ readonly lines: readonly string[]; readonly isWhole: boolean }> {
  const { world } = app;
  const stored = new StoredSession(world, entry);
  const work = await stored.inTurn(async () => {
    // Its launcher died, and nobody else removes the rest any more
    const isDead = !isRunning && entry.state === "running";
    if (isDead) await bottles.removeSession(entry.session, { waits: false });
    const progress = makeWorkProgress(world, "Pulling the work");
    const brought = await bringBack(world, bottles, entry, { isOver: !isRunning, progress });
    const left = isDead ? await bottles.removeSession(entry.session) : [];
    const stayed = isRunning ? [] : [...left, ...(await settle(bottles, stored, brought, left.length > 0))];
    await stored.noteWork(describe(brought));
    return { ...brought, refs: brought.refs, problems: [...brought.problems, ...stayed] };
  });
  if (!work) return { lines: ["Another process is pulling this work right now."], isWhole: false };
  const lines = tell(world, entry, work, { isRunning });
  return { lines: lines.length > 0 ? lines : ["Nothing has changed."], isWhole: work.problems.length === 0 };
}
