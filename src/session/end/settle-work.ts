/** What becomes of work that was brought back, and what is said and written of it. */
import type { JournalEntry } from "../../protocol/journal-entry.ts";
import type { Bottles } from "../../bottle/bottles.ts";
import { messageOf } from "../../core/error.ts";
import { recordFolder } from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import type { World } from "../../host/world.ts";
import type { BroughtWork } from "./bring-back.ts";
import { renderBrought } from "./brought-words.ts";
import type { BroughtContext } from "./brought-words.ts";
import type { StoredSession } from "../store/stored-session.ts";

/**
 * Work that came through whole is removed from the platform; otherwise it stays, and the entry says why. With `isMore` something else is
 * left, which the next command removes.
 */
export async function settle(
  bottles: Bottles,
  stored: StoredSession,
  work: BroughtWork,
  isMore: boolean,
): Promise<readonly string[]> {
  return (await noteOutcome(stored, work)) ? discardBrought(bottles, stored, isMore) : [];
}

/** Writes down whether the work came through whole; true if it did, and may be removed from the platform. */
export async function noteOutcome(stored: StoredSession, work: BroughtWork): Promise<boolean> {
  const [problem] = work.problems;
  // The engine was lost, not the work: it is tried again without anybody asking
  if (work.isCut) return false;
  if (problem !== undefined) {
    await stored.markKept(problem);
    return false;
  }
  // Before the first volume goes: of half the work it must not be thought that the agent had removed the other half
  await stored.markBrought();
  return true;
}

/** Removes work that came through whole, and the entry with it; see `settle`. */
export async function discardBrought(
  bottles: Bottles,
  stored: StoredSession,
  isMore: boolean,
): Promise<readonly string[]> {
  const left = await bottles.discardWork(stored.session).catch((error: unknown) => [messageOf(error)]);
  if (left.length === 0 && !isMore) await stored.forget().catch(() => undefined);
  return left;
}

/** As the receipt has it. */
export function describe(work: BroughtWork) {
  return {
    broughtBack: work.refs,
    files: work.files,
    problems: work.problems,
    leftOutput: work.leftOutput ?? [],
    ...(work.memory && { memory: work.memory }),
    ...(work.claudeSession === undefined ? {} : { claudeSession: work.claudeSession }),
  };
}

/** Lines for people. */
export function tell(
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
