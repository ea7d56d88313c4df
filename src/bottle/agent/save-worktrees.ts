/** Has a running bottle save what is not committed in worktrees outside of its volumes: only there can it be seen. */
import type { Part } from "../platform/part.ts";
import { saveWorktreesPath } from "./bottle-paths.ts";

const saveSeconds = 60;

/** Does nothing where the agent has ended; what fails is told by what then is not there. */
export async function saveWorktrees(agent: Part): Promise<void> {
  const command = ["timeout", String(saveSeconds), "/bin/sh", saveWorktreesPath];
  await agent.run({ command }).catch(() => undefined);
}
