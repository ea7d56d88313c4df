/** Pulls the work at a session's end: only if there can be work, and when no other process is pulling it. */
import type { JournalEntry } from "../../protocol/journal-entry.ts";
import type { Bottles } from "../../bottle/bottles.ts";
import { setTimeout } from "node:timers/promises";
import { escapeForTerminal } from "../../core/text.ts";
import type { World } from "../../host/world.ts";
import type { StoredSession } from "../store/stored-session.ts";
import { awaitEngine, engineWaitMs } from "./await-engine.ts";
import { bringBack } from "./bring-back.ts";
import type { BroughtWork } from "./bring-back.ts";
import type { WorkProgressLine } from "./work-progress.ts";

/** A minute, which is more than a pull takes */
const turnLooks = 300;
const turnPauseMs = 200;

/** An engine that shuts down answers, and takes orders, for up to 14 s; what it starts meanwhile it ends again */
const stoppedTries = 6;
const shutdownPauseMs = 2_500;

/** Of a session whose work has been brought back, or that had none */
export const nothingMore: BroughtWork = {
  refs: [],
  files: [],
  claudeSession: undefined,
  problems: [],
  isCut: false,
};

/** Whoever pulls at this moment has the lock for as long as that takes; the work must not be thrown away under its hands. */
export async function bringBackInTurn(
  world: World,
  bottles: Bottles,
  stored: StoredSession,
  progress?: WorkProgressLine,
): Promise<BroughtWork> {
  for (let look = 0; look < turnLooks; look += 1) {
    const work = await stored.inTurn(() => bringBackIfAny(world, bottles, stored.entry, progress));
    if (work) return work;
    await setTimeout(turnPauseMs);
  }
  return keptBecause("another process is still pulling it");
}

export function keptBecause(problem: string): BroughtWork {
  return { ...nothingMore, problems: [escapeForTerminal(problem)] };
}

/** A bottle that never ran claude has no work, and neither has one without a workspace and a transcript. */
export async function bringBackIfAny(
  world: World,
  bottles: Bottles,
  entry: JournalEntry,
  progress?: WorkProgressLine,
): Promise<BroughtWork> {
  if (entry.state === "starting" || entry.state === "brought" || (!entry.workspace && !entry.hasTranscript))
    return nothingMore;
  let work = await bringBack(world, bottles, entry, { isOver: true, progress });
  for (let again = 0; work.isStopped && again < stoppedTries; again += 1) {
    // An engine that ends all containers will be away in a moment, and then perhaps back
    await setTimeout(shutdownPauseMs);
    await awaitEngine(bottles, { limitMs: engineWaitMs, onAway: () => undefined });
    work = await bringBack(world, bottles, entry, { isOver: true, progress });
  }
  return work;
}
