/** Sessions whose launcher died together with its reaper, as in a power loss. */
import { listDead } from "../../host/journal.ts";
import { pickEngineEnvironment, runAside } from "../../host/reaper.ts";
import { removeDeadScratch } from "../../host/scratch.ts";
import { stateFolder } from "../../host/state.ts";
import type { App } from "../app.ts";

/**
 * Looks after them: each by a process of its own, which brings its work back and removes the rest. What a killed command was working on
 * in the state folder goes too. Trouble with it is no trouble of the command that happens to run.
 */
export async function sweepDeadSessions(
  app: App,
  options: {
    readonly isAwaited: boolean;
    /** A session that the command itself looks after */
    readonly except?: string | undefined;
  },
): Promise<void> {
  const dead = await listDead(stateFolder(app.world)).catch(() => []);
  const others = dead.filter((entry) => entry.session !== options.except);
  await Promise.all([
    removeDeadScratch(app.world),
    ...others.map((entry) => {
      const env = { ...pickEngineEnvironment(app.world.env), ...entry.environment };
      const command = [...app.selfCommand, "reap-session", entry.session];
      return runAside(command, env, options.isAwaited).catch(() => undefined);
    }),
  ]);
}
