/** The containers of a session as parts of its bottle. */
import { listContainers } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import type { PartRole } from "../part.ts";
import type { Parts } from "../platform.ts";
import { labelKeys } from "./labels.ts";
import { makePart } from "./part.ts";

const roles: readonly PartRole[] = ["agent", "gate", "pipelock"];

/** By their labels, whether they run or not. */
export async function findParts(engine: Engine, session: string): Promise<Parts> {
  const containers = await listContainers(engine, [`${labelKeys.session}=${session}`]);
  const found = roles.flatMap((role) => {
    const container = containers.find((one) => one.Labels[labelKeys.role] === role);
    if (!container) return [];
    const isRunning = container.State === "running";
    return [[role, makePart(engine, container.Id, { role, isRunning })] as const];
  });
  return Object.fromEntries(found);
}
