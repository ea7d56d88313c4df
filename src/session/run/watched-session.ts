/** A bottle that a command starts for itself: no work, no record, and yet somebody has to remove it if this process is killed. */
import { BottleError } from "../../core/error.ts";
import { removeJournal } from "../../host/journal.ts";
import { startReaper } from "../../host/reaper.ts";
import { stateFolder } from "../../host/state.ts";
import type { App } from "../app.ts";
import type { PreparedPlan } from "../decide/prepare-plan.ts";
import { beginJournal } from "../store/session-journal.ts";

/** Notes the session and has it watched while `work` runs. */
export async function watchSession<T>(app: App, prepared: PreparedPlan, work: () => Promise<T>): Promise<T> {
  const { session } = await beginJournal(app, prepared, { hasTranscript: false, isProbe: true });
  const reaper = startReaper(app.world, {
    command: [...app.selfCommand, "reap-session", "--wait", session],
    resetSequences: "",
  });
  try {
    const value = await work();
    await removeJournal(stateFolder(app.world), session);
    return value;
  } catch (error) {
    if (!mayLeave(error)) await removeJournal(stateFolder(app.world), session);
    throw error;
  } finally {
    reaper.release();
  }
}

/** Of what fails nothing is left to look after, unless its undoing failed as well. */
export function mayLeave(error: unknown): boolean {
  return error instanceof BottleError && (error.leavesBehind || error.code === "engine-unreachable");
}
