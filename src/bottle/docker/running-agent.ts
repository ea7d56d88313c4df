/** The agent's container of a session, while it runs. */
import { listContainers } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { labelKeys } from "./labels.ts";

/** Its id; undefined where the agent has ended. */
export async function findRunningAgent(engine: Engine, session: string): Promise<string | undefined> {
  const agents = await listContainers(engine, [`${labelKeys.session}=${session}`, `${labelKeys.role}=agent`]);
  return agents.find((one) => one.State === "running")?.Id;
}
