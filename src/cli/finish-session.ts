/** The end of a session, however it came: its work is brought back, all else removed, and what happened is written down. */
import type { Bottle, BottleFactory, SessionResult } from "../bottle/bottle.ts";
import { setTimeout } from "node:timers/promises";
import { messageOf } from "../core/error.ts";
import { removeDrafts } from "../host/files.ts";
import { findJournal, removeJournal, withSessionLock, writeJournal } from "../host/journal.ts";
import type { JournalEntry } from "../host/journal.ts";
import { findReceipt, recordFolder, updateReceipt } from "../host/session-records.ts";
import { stateFolder } from "../host/state.ts";
import type { World } from "../host/world.ts";
import type { App } from "./app.ts";
import { awaitEngine, engineWaitMs } from "./await-engine.ts";
import { bringBack } from "./bring-back.ts";
import { bringBackIfAny, bringBackInTurn, keptBecause, nothingMore } from "./bring-back-in-turn.ts";
import type { BroughtWork } from "./bring-back.ts";
import { renderBrought } from "./brought-words.ts";
import type { BroughtContext } from "./brought-words.ts";
import { keepEgress, mergeEgress, readSessionEgress } from "./record-egress.ts";
import type { EgressSummary } from "./record-egress.ts";
import { makeWorkProgress, silentWorkProgress } from "./work-progress.ts";

export interface EndingSession {
  readonly bottle: Bottle;
  readonly entry: JournalEntry;
  /** Undefined after a signal */
  readonly result: SessionResult | undefined;
  /** A signal ends the waiting for an engine */
  readonly stopped: () => Promise<void>;
  /** Only what went wrong is told */
  readonly isQuiet?: boolean | undefined;
}

export interface FinishedSession {
  /** For people */
  readonly lines: readonly string[];
  /** The engine was away, whether or not it came back */
  readonly isEngineLost: boolean;
  /** Work that is safe on this machine is still being removed from the engine; somebody has to see to it */
  readonly removalGoesOn: boolean;
}

/** Nobody waits longer for the removal of a large workspace: an engine takes seconds for tens of thousands of files */
const removalPatienceMs = 1_000;

/** An engine that goes away in the midst of it is waited for, and then all is done again */
const maxTries = 3;

/** Called by the launcher when claude has ended or a signal came. Never throws. */
export async function finishSession(
  app: App,
  factory: BottleFactory,
  { bottle, entry, result, stopped, isQuiet }: EndingSession,
): Promise<FinishedSession> {
  let isEngineLost = result?.isEngineLost === true;
  for (let attempt = 1; ; attempt += 1) {
    const state = await awaitEngine(factory, { limitMs: engineWaitMs, onAway: () => tellAway(app), stopped });
    isEngineLost ||= state !== "here";
    if (state === "gone")
      return { isEngineLost, removalGoesOn: false, lines: await leaveToNext(app, entry, result) };
    const done = await undoSession(app, factory, { bottle, entry, isAgain: attempt > 1, isQuiet });
    const isCut = done.work.isCut || done.left.length > 0;
    if (isCut && attempt < maxTries) continue;
    return { isEngineLost, ...(await noteEnd(app, factory, entry, { ...done, result, isQuiet })) };
  }
}

interface UndoneSession {
  /** One line for each thing that stayed */
  readonly left: readonly string[];
  readonly work: BroughtWork;
  readonly egress: EgressSummary | undefined;
}

/** Everything but the work goes, and the work is brought back. The second time by labels: what the launcher knew has been tried. */
async function undoSession(
  { world }: App,
  factory: BottleFactory,
  {
    bottle,
    entry,
    isAgain,
    isQuiet,
  }: Pick<EndingSession, "bottle" | "entry" | "isQuiet"> & { readonly isAgain: boolean },
): Promise<UndoneSession> {
  const { session } = entry;
  const progress = isQuiet ? silentWorkProgress : makeWorkProgress(world, "Bringing the work back");
  const reading = readSessionEgress(factory, entry);
  // A claude that still writes would be collected in the middle of it
  await bottle.stop().catch(() => undefined);
  const remove = () => (isAgain ? factory.removeSession(session) : bottle.destroy({ keepsWork: true }));
  const [left, work, egress] = await Promise.all([
    // The log goes with its container
    reading.then(remove).catch((error: unknown) => [messageOf(error)]),
    // A state folder without space does not take the lock; then the work stays where it is
    bringBackInTurn(world, factory, entry, progress).catch((error: unknown) => keptBecause(messageOf(error))),
    reading.then(async (records) => mergeEgress(bottle.seen(), await keepEgress(world, entry, records))),
  ]);
  return { left, work, egress };
}

/** Writes down how it went. What stayed is left to the next command. */
async function noteEnd(
  { world }: App,
  factory: BottleFactory,
  entry: JournalEntry,
  { left, work, egress, result, isQuiet }: UndoneSession & Pick<EndingSession, "result" | "isQuiet">,
): Promise<Omit<FinishedSession, "isEngineLost">> {
  const endedAt = new Date().toISOString();
  const end = { end: "ended" as const, endedAt, exitCode: result?.exitCode, note: result?.note };
  const settling = settle(world, factory, entry, work, left.length > 0);
  const stayed = await Promise.race([settling, setTimeout(removalPatienceMs, undefined, { ref: false })]);
  // On this engine it was made, so there is no other that could have it
  if (work.isGone && left.length === 0)
    await removeJournal(stateFolder(world), entry.session).catch(() => undefined);
  await updateReceipt(stateFolder(world), entry.session, { ...end, ...egress, ...describe(work) }).catch(
    () => undefined,
  );
  const lines = tell(world, entry, work, { isRunning: false, isQuiet });
  const goesOn = isQuiet ? [] : ["The bottle's copy of the files is being removed in the background."];
  return {
    removalGoesOn: stayed === undefined,
    lines: [
      ...[...left, ...(stayed ?? [])].map((line) => `Left behind: ${line}`),
      ...lines,
      ...(stayed === undefined ? goesOn : []),
    ],
  };
}

function tellAway({ world }: App): void {
  if (world.stderr.destroyed) return;
  const seconds = engineWaitMs / 1000;
  world.stderr.write(
    `The engine is gone; waiting up to ${seconds} s for it to come back (Ctrl-C stops waiting)\n`,
    () => undefined,
  );
}

/** The entry stays as it is, and by it the next command of any kind finds what is to be done. */
async function leaveToNext(
  { world }: App,
  { session }: JournalEntry,
  result: SessionResult | undefined,
): Promise<string[]> {
  await updateReceipt(stateFolder(world), session, {
    end: "lost",
    endedAt: new Date().toISOString(),
    exitCode: undefined,
    note: result?.note ?? "The engine was lost at the end of the session",
  }).catch(() => undefined);
  return [
    'Left as it is: once the engine is back, the next claude-bottle command (such as "claude-bottle list") brings the work back and removes the rest',
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
    if (entry.state === "brought") return removeBrought(world, factory, entry);
    const egress = await keepEgress(world, entry, await readSessionEgress(factory, entry));
    // What runs ends first, since work is collected that stands still
    await factory.removeSession(session, { waits: false });
    const work = await bringBackIfAny(world, factory, entry);
    const left = await factory.removeSession(session);
    const stayed = await settle(world, factory, entry, work, left.length > 0);
    await updateReceipt(folder, session, {
      end: "lost",
      endedAt: new Date().toISOString(),
      ...egress,
      ...describe(work),
    });
    // The launcher may have been killed while it wrote
    await removeDrafts(recordFolder(folder, session));
    return [...left, ...stayed, ...work.problems];
  });
  return outcome ?? [];
}

/** All of the work is on this machine and its receipt is written, unless the launcher was killed before it could. */
async function removeBrought(
  world: World,
  factory: BottleFactory,
  entry: JournalEntry,
): Promise<readonly string[]> {
  const folder = stateFolder(world);
  const left = await factory.removeSession(entry.session);
  const stayed = await settle(world, factory, entry, nothingMore, left.length > 0);
  const receipt = await findReceipt(folder, entry.session);
  if (receipt?.end === "running")
    await updateReceipt(folder, entry.session, { end: "lost", endedAt: new Date().toISOString() });
  return [...left, ...stayed];
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
    // Its launcher died, and nobody else removes the rest any more
    const isDead = !isRunning && entry.state === "running";
    if (isDead) await factory.removeSession(entry.session, { waits: false });
    const progress = makeWorkProgress(world, "Bringing the work back");
    const brought = await bringBack(world, factory, entry, { isOver: !isRunning, progress });
    const left = isDead ? await factory.removeSession(entry.session) : [];
    const stayed = isRunning
      ? []
      : [...left, ...(await settle(world, factory, entry, brought, left.length > 0))];
    await updateReceipt(folder, entry.session, describe(brought));
    return { ...brought, refs: brought.refs, problems: [...brought.problems, ...stayed] };
  });
  if (!work) return { lines: ["Another process is bringing this work back at the moment."], isWhole: false };
  const lines = tell(world, entry, work, { isRunning });
  return { lines: lines.length > 0 ? lines : ["Nothing has changed."], isWhole: work.problems.length === 0 };
}

/**
 * Work that came through whole is removed from the platform; otherwise it stays, and the entry says why. With `isMore` something else is
 * left, which the next command removes.
 */
async function settle(
  world: World,
  factory: BottleFactory,
  entry: JournalEntry,
  work: BroughtWork,
  isMore: boolean,
): Promise<readonly string[]> {
  const folder = stateFolder(world);
  const [problem] = work.problems;
  // The engine was lost, not the work: it is tried again without anybody asking
  if (work.isCut) return [];
  if (problem !== undefined) {
    await writeJournal(folder, { ...entry, state: "kept", problem }).catch(() => undefined);
    return [];
  }
  // Before the first volume goes: of half the work it must not be thought that the agent had removed the other half
  await writeJournal(folder, { ...entry, state: "brought" }).catch(() => undefined);
  const left = await factory.discardWork(entry.session).catch((error: unknown) => [messageOf(error)]);
  if (left.length === 0 && !isMore) await removeJournal(folder, entry.session).catch(() => undefined);
  return left;
}

function describe(work: BroughtWork) {
  return {
    broughtBack: work.refs,
    files: work.files,
    problems: work.problems,
    leftOutput: work.leftOutput ?? [],
    ...(work.claudeSession === undefined ? {} : { claudeSession: work.claudeSession }),
  };
}

function tell(
  world: World,
  entry: JournalEntry,
  work: BroughtWork,
  how: Pick<BroughtContext, "isRunning" | "isQuiet">,
): string[] {
  return renderBrought(work, {
    world,
    session: entry.session,
    bottleName: entry.bottleName,
    record: recordFolder(stateFolder(world), entry.session),
    workspace: entry.workspace?.directory,
    ...how,
  });
}
