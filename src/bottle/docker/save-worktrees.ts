/** Has a running bottle save what is not committed in worktrees outside of its volumes: only there can it be seen. */
import type { Engine } from "../../engine/engine.ts";
import { runExec } from "../../engine/exec.ts";
import { saveWorktreesPath } from "../agent/bottle-paths.ts";
import { findRunningAgent } from "./running-agent.ts";

const saveSeconds = 60;

/** Does nothing where the agent has ended; what fails is told by what then is not there. */
export async function saveWorktrees(engine: Engine, session: string): Promise<void> {
  const agent = await findRunningAgent(engine, session);
  if (agent === undefined) return;
  const command = ["timeout", String(saveSeconds), "/bin/sh", saveWorktreesPath];
  await runExec(engine, agent, { command }).catch(() => undefined);
}
