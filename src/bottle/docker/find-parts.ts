/** The containers of a session as parts of its bottle. */
import { listContainers } from "../../engine/containers.ts";
import type { ContainerSummary } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Part, PartRole } from "../platform/part.ts";
import type { FoundParts, Parts } from "../platform/running.ts";
import type { DockerOptions } from "./docker-options.ts";
import { labelKeys } from "./labels.ts";
import { describeBottle } from "./leftovers.ts";
import { makePart } from "./part.ts";

const roles: readonly PartRole[] = ["agent", "gate", "pipelock"];

/** Whether a label names a part; a probe or a collector is none. */
export function isPartRole(label: string | undefined): label is PartRole {
  return (roles as readonly (string | undefined)[]).includes(label);
}

/** By their names: of a bottle that is being made, whose containers need not be there yet. */
export function makeParts(
  engine: Engine,
  names: Readonly<Record<PartRole, string>>,
): Readonly<Record<PartRole, Part>> {
  const make = (role: PartRole) => makePart(engine, names[role], { role, isRunning: false });
  return { agent: make("agent"), gate: make("gate"), pipelock: make("pipelock") };
}

/** What is known of containers on this machine. */
type Look = Pick<DockerOptions, "isAlive" | "readMemory">;

/** By their labels, whether they run or not. */
export async function findParts(engine: Engine, session: string, look: Look): Promise<Parts> {
  return partsOf(engine, await listContainers(engine, [`${labelKeys.session}=${session}`]), look);
}

/** The same with what `list` says of the bottle. */
export async function findBottle(engine: Engine, session: string, look: Look): Promise<FoundParts> {
  const containers = await listContainers(engine, [`${labelKeys.session}=${session}`]);
  const agent = containers.find((one) => one.Labels[labelKeys.role] === "agent");
  return {
    bottle: agent && (await describeBottle(agent, look.isAlive)),
    parts: partsOf(engine, containers, look),
  };
}

function partsOf(engine: Engine, containers: readonly ContainerSummary[], look: Look): Parts {
  const found = roles.flatMap((role) => {
    const container = containers.find((one) => one.Labels[labelKeys.role] === role);
    if (!container) return [];
    const isRunning = container.State === "running" || container.State === "paused";
    const hasBash = container.Labels[labelKeys.bash] !== undefined;
    const part = makePart(engine, container.Id, { role, isRunning, hasBash });
    // The engine's answer takes up to a second
    const readMemory = async () => (await look.readMemory(container.Id)) ?? part.readMemory();
    return [[role, { ...part, readMemory }] as const];
  });
  return Object.fromEntries(found);
}
