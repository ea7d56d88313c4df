/** The end of a session, however it came: pulls its work, removes everything else, and writes down what happened. */
import type { Bottles } from "../../bottle/bottles.ts";
import type { Bottle, SessionResult } from "../../bottle/bottle.ts";
import { setTimeout } from "node:timers/promises";
import { messageOf } from "../../core/error.ts";
import type { App } from "../app.ts";
import type { StoredSession } from "../store/stored-session.ts";
import { awaitEngine, engineWaitMs } from "./await-engine.ts";
import { bringBackInTurn, keptBecause } from "./bring-back-in-turn.ts";
import type { BroughtWork } from "./bring-back.ts";
import { keepEgress, mergeEgress, readSessionEgress } from "./record-egress.ts";
import type { EgressSummary } from "./record-egress.ts";
import { describe, discardBrought, noteOutcome, tell } from "./settle-work.ts";
import { makeWorkProgress, silentWorkProgress } from "./work-progress.ts";

export interface EndingSession {
  readonly bottle: Bottle;
  readonly stored: StoredSession;
  /** Undefined after a signal */
  readonly result: SessionResult | undefined;
  /** A signal ends the waiting for an engine */
  readonly stopped: () => Promise<void>;
  /** Only what went wrong is told */
  readonly isQuiet?: boolean | undefined;
  /** The workspace has so many that their removal is not waited for at all */
  readonly hasManyFiles?: boolean | undefined;
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
  bottles: Bottles,
  { bottle, stored, result, stopped, isQuiet, hasManyFiles }: EndingSession,
): Promise<FinishedSession> {
  let isEngineLost = result?.isEngineLost === true;
  for (let attempt = 1; ; attempt += 1) {
    const state = await awaitEngine(bottles, { limitMs: engineWaitMs, onAway: () => tellAway(app), stopped });
    isEngineLost ||= state !== "here";
    if (state === "gone")
      return { isEngineLost, removalGoesOn: false, lines: await leaveToNext(stored, result) };
    const done = await undoSession(app, bottles, { bottle, stored, isAgain: attempt > 1, isQuiet });
    const isCut = done.work.isCut || done.left.length > 0;
    if (isCut && attempt < maxTries) continue;
    return {
      isEngineLost,
      ...(await noteEnd(app, bottles, stored, { ...done, result, isQuiet, hasManyFiles })),
    };
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
  bottles: Bottles,
  {
    bottle,
    stored,
    isAgain,
    isQuiet,
  }: Pick<EndingSession, "bottle" | "stored" | "isQuiet"> & { readonly isAgain: boolean },
): Promise<UndoneSession> {
  const { session, entry } = stored;
  const progress = isQuiet ? silentWorkProgress : makeWorkProgress(world, "Pulling the work");
  const reading = readSessionEgress(bottles, entry);
  // A claude that still writes would be collected in the middle of it
  await bottle.stop().catch(() => undefined);
  const remove = () => (isAgain ? bottles.removeSession(session) : bottle.destroy({ keepsWork: true }));
  const [left, work, egress] = await Promise.all([
    // The log goes with its container
    reading.then(remove).catch((error: unknown) => [messageOf(error)]),
    // A state folder without space does not take the lock; then the work stays where it is
    bringBackInTurn(world, bottles, stored, progress).catch((error: unknown) =>
      keptBecause(messageOf(error)),
    ),
    reading.then(async (records) => mergeEgress(bottle.seen(), await keepEgress(world, entry, records))),
  ]);
  await bottle.release();
  return { left, work, egress };
}

/** Writes down how it went. What stayed is left to the next command. */
async function noteEnd(
  { world }: App,
  bottles: Bottles,
  stored: StoredSession,
  {
    left,
    work,
    egress,
    result,
    isQuiet,
    hasManyFiles = false,
  }: UndoneSession & Pick<EndingSession, "result" | "isQuiet" | "hasManyFiles">,
): Promise<Omit<FinishedSession, "isEngineLost">> {
  const end = { endedAt: new Date().toISOString(), exitCode: result?.exitCode, note: result?.note };
  const isBrought = await noteOutcome(stored, work);
  const removing = isBrought
    ? discardBrought(bottles, stored, left.length > 0)
    : Promise.resolve<readonly string[]>([]);
  const patienceMs = hasManyFiles ? 0 : removalPatienceMs;
  const stayed = await Promise.race([removing, setTimeout(patienceMs, undefined, { ref: false })]);
  // On this engine it was made, so there is no other that could have it
  if (work.isGone && left.length === 0) await stored.forget().catch(() => undefined);
  await stored.noteEnded({ ...end, ...egress, ...describe(work) }).catch(() => undefined);
  const lines = tell(world, stored.entry, work, { isRunning: false, isQuiet });
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
async function leaveToNext(stored: StoredSession, result: SessionResult | undefined): Promise<string[]> {
  const note = result?.note ?? "The engine was lost at the end of the session";
  await stored.noteLost({ exitCode: undefined, note }).catch(() => undefined);
  return [
    'Left as it is: once the engine is back, the next claude-bottle command (such as "claude-bottle list") pulls the work and removes the rest',
  ];
}
