/** A bottle that a command starts for itself: no work, no record, and yet somebody has to remove it if this process is killed. */
import { BottleError } from "../../core/error.ts";
import { startReaper } from "../../host/reaper.ts";
import type { App } from "../app.ts";
import type { PreparedPlan } from "../decide/prepare-plan.ts";
import { beginSession } from "../store/begin-session.ts";

/** Notes the session and has it watched while `work` runs. */
export async function watchSession<T>(app: App, prepared: PreparedPlan, work: () => Promise<T>): Promise<T> {
  const stored = await beginSession(app, prepared, { hasTranscript: false, isProbe: true });
  const reaper = startReaper(app.world, {
    command: [...app.selfCommand, "reap-session", "--wait", stored.session],
    resetSequences: "",
  });
  try {
    const value = await work();
    await stored.forget();
    return value;
  } catch (error) {
    if (!mayLeave(error)) await stored.forget();
    throw error;
  } finally {
    reaper.release();
  }
}

/** Of what fails nothing is left to look after, unless its undoing failed as well. */
export function mayLeave(error: unknown): boolean {
  return error instanceof BottleError && (error.leavesBehind || error.code === "engine-unreachable");
}
