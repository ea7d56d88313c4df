/** The end of a session, however it came: its work is brought back, all else removed, and what happened is written down. */
import type { Bottle, BottleFactory, SessionResult } from "../bottle/bottle.ts";
import { messageOf } from "../core/error.ts";
import { findJournal, removeJournal, withSessionLock, writeJournal } from "../host/journal.ts";
import type { JournalEntry } from "../host/journal.ts";
import { recordFolder, updateReceipt } from "../host/session-records.ts";
import { stateFolder } from "../host/state.ts";
import type { World } from "../host/world.ts";
import type { App } from "./app.ts";
import { bringBack } from "./bring-back.ts";
import type { BroughtWork } from "./bring-back.ts";
import { renderBrought } from "./brought-words.ts";
import { keepEgress, readSessionEgress } from "./record-egress.ts";

const nothing: BroughtWork = { refs: [], files: [], claudeSession: undefined, problems: [] };

/** Called by the launcher when claude has ended or a signal came. Returns lines for people and never throws. */
export async function finishSession(
  app: App,
  factory: BottleFactory,
  bottle: Bottle,
  entry: JournalEntry,
  result: SessionResult | undefined,
): Promise<string[]> {
  const { world } = app;
  const folder = stateFolder(world);
  const reading = readSessionEgress(factory, entry);
  // A claude that still writes would be collected in the middle of it
  await bottle.stop().catch(() => undefined);
  const [left, work, egress] = await Promise.all([
    // The log goes with its container
    reading.then(() => bottle.destroy({ keepsWork: true })).catch((error: unknown) => [messageOf(error)]),
    withSessionLock(folder, entry.session, world.pid, () => bringBackIfAny(world, factory, entry)),
    reading.then((records) => keepEgress(world, entry, records)),
  ]);
  const endedAt = new Date().toISOString();
  const end = { end: "ended" as const, endedAt, exitCode: result?.exitCode, note: result?.note };
  const stayed = await settle(world, factory, entry, work ?? nothing);
  await updateReceipt(folder, entry.session, { ...end, ...egress, ...describe(work ?? nothing) }).catch(
    () => undefined,
  );
  return [
    ...[...left, ...stayed].map((line) => `Left behind: ${line}`),
    ...tell(world, entry, work ?? nothing, false),
  ];
}

/** Called by the reaper's command and by sweeps, for a session whose launcher is gone. Returns lines about what stayed. */
export async function reapSession(
  app: App,
  factory: BottleFactory,
  session: string,
): Promise<readonly string[]> {
  const { world } = app;
  const folder = stateFolder(world);
  // Without an entry nothing is known about the work, so it stays where it is
  const entry = await findJournal(folder, session);
  if (!entry) return factory.removeSession(session);
  const outcome = await withSessionLock(folder, session, world.pid, async () => {
    const egress = await keepEgress(world, entry, await readSessionEgress(factory, entry));
    const left = await factory.removeSession(session);
    const work = await bringBackIfAny(world, factory, entry);
    const stayed = await settle(world, factory, entry, work);
    await updateReceipt(folder, session, {
      end: "lost",
      endedAt: new Date().toISOString(),
      ...egress,
      ...describe(work),
    });
    return [...left, ...stayed, ...work.problems];
  });
  return outcome ?? [];
}

/** Brings over what is there now. Of a bottle that is over it is the last time, if all of it comes through. */
export async function pullSession(
  app: App,
  factory: BottleFactory,
  entry: JournalEntry,
  isRunning: boolean,
): Promise<{ readonly lines: readonly string[]; readonly isWhole: boolean }> {
  const { world } = app;
  const folder = stateFolder(world);
  const work = await withSessionLock(folder, entry.session, world.pid, async () => {
    const brought = await bringBack(world, factory, entry);
    const stayed = isRunning ? [] : await settle(world, factory, entry, brought);
    await updateReceipt(folder, entry.session, describe(brought));
    return { ...brought, refs: brought.refs, problems: [...brought.problems, ...stayed] };
  });
  if (!work) return { lines: ["Another process is bringing this work back at the moment."], isWhole: false };
  const lines = tell(world, entry, work, isRunning);
  return { lines: lines.length > 0 ? lines : ["Nothing has changed."], isWhole: work.problems.length === 0 };
}

/** A bottle that never ran claude has no work, and neither has one without a workspace and a transcript. */
async function bringBackIfAny(
  world: World,
  factory: BottleFactory,
  entry: JournalEntry,
): Promise<BroughtWork> {
  if (entry.state === "starting" || (!entry.workspace && !entry.hasTranscript)) return nothing;
  return bringBack(world, factory, entry);
}

/** Work that came through whole is removed from the platform; otherwise it stays, and the entry says why. */
async function settle(
  world: World,
  factory: BottleFactory,
  entry: JournalEntry,
  work: BroughtWork,
): Promise<readonly string[]> {
  const folder = stateFolder(world);
  const [problem] = work.problems;
  if (problem !== undefined) {
    await writeJournal(folder, { ...entry, state: "kept", problem }).catch(() => undefined);
    return [];
  }
  const left = await factory.discardWork(entry.session).catch((error: unknown) => [messageOf(error)]);
  if (left.length === 0) await removeJournal(folder, entry.session).catch(() => undefined);
  return left;
}

function describe(work: BroughtWork) {
  return {
    broughtBack: work.refs,
    files: work.files,
    problems: work.problems,
    ...(work.claudeSession === undefined ? {} : { claudeSession: work.claudeSession }),
  };
}

function tell(world: World, entry: JournalEntry, work: BroughtWork, isRunning: boolean): string[] {
  return renderBrought(work, {
    world,
    session: entry.session,
    bottleName: entry.bottleName,
    record: recordFolder(stateFolder(world), entry.session),
    workspace: entry.workspace?.directory,
    isRunning,
  });
}
