/** Has a running bottle save what is not committed in worktrees outside of its volumes: only there can it be seen. */
import { listContainers } from "../../engine/containers.ts";
import { runExec } from "../../engine/exec.ts";
import type { Engine } from "../../engine/engine.ts";
import { saveWorktreesPath } from "./bottle-paths.ts";
import { labelKeys } from "./labels.ts";

const saveSeconds = 60;

/** Does nothing where the agent has ended; what fails is told by what then is not there. */
export async function saveWorktrees(engine: Engine, session: string): Promise<void> {
  const agents = await listContainers(engine, [`${labelKeys.session}=${session}`, `${labelKeys.role}=agent`]);
  const running = agents.find((one) => one.State === "running");
  if (!running) return;
  const command = ["timeout", String(saveSeconds), "/bin/sh", saveWorktreesPath];
  await runExec(engine, running.Id, { command }).catch(() => undefined);
}
