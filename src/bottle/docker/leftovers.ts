/** What is on the engine with our labels: running bottles for `list`, and what dead launchers left for `cleanup`. */
import { messageOf } from "../../core/error.ts";
import { parseOwner } from "../../core/process-owner.ts";
import type { IsAlive } from "../../core/process-owner.ts";
import { killAndRemoveContainer, listContainers } from "../../engine/containers.ts";
import type { ContainerSummary } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { removeImage } from "../../engine/images.ts";
import { listNetworks, removeNetwork } from "../../engine/networks.ts";
import { listVolumes, removeVolume } from "../../engine/volumes.ts";
import type { Leftover, RunningBottle } from "../bottle.ts";
import { isAbandoned } from "./abandoned.ts";
import { findBrokenTrees } from "./kept-trees.ts";
import { bottleNameOf, labelKeys, labelSchema } from "./labels.ts";
import type { Labels } from "./labels.ts";
import { holdsWork } from "./work-volumes.ts";

/** Agents' containers as people see them, oldest first. */
export async function listBottles(engine: Engine, isAlive: IsAlive): Promise<RunningBottle[]> {
  const containers = await listContainers(engine, [`${labelKeys.role}=agent`]);
  const bottles = await Promise.all(containers.map((container) => describeBottle(container, isAlive)));
  return bottles.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

/** Everything of ours whose launcher is gone. Never an object of a live launcher, and none of a later version's. */
export async function findLeftovers(engine: Engine, isAlive: IsAlive): Promise<Leftover[]> {
  const [found, trees] = await Promise.all([
    findLabelled(engine, labelKeys.session),
    findBrokenTrees(engine, isAlive),
  ]);
  const abandoned = await Promise.all(found.map((one) => isAbandoned(one.labels, isAlive)));
  return [
    ...found.filter((_, index) => abandoned[index]).map(makeLeftover),
    ...trees.map((name) => ({ kind: "volume" as const, id: name, name, session: "", holdsWork: false })),
  ];
}

/** Everything of one session, whoever owns it. */
export async function findSessionObjects(engine: Engine, session: string): Promise<Leftover[]> {
  return (await findLabelled(engine, `${labelKeys.session}=${session}`)).map(makeLeftover);
}

interface LabelledObject extends Omit<Leftover, "session" | "holdsWork"> {
  readonly labels: Labels;
}

async function findLabelled(engine: Engine, label: string): Promise<LabelledObject[]> {
  const [containers, networks, volumes] = await Promise.all([
    listContainers(engine, [label]),
    listNetworks(engine, [label]),
    listVolumes(engine, [label]),
  ]);
  return [
    ...containers.map((one) => ({
      kind: "container" as const,
      id: one.Id,
      name: nameOf(one),
      labels: one.Labels,
    })),
    ...networks.map((one) => ({ kind: "network" as const, id: one.id, name: one.name, labels: one.labels })),
    ...volumes.map((one) => ({ kind: "volume" as const, id: one.name, name: one.name, labels: one.labels })),
  ];
}

function makeLeftover({ kind, id, name, labels }: LabelledObject): Leftover {
  return { kind, id, name, session: labels[labelKeys.session] ?? "", holdsWork: holdsWork(labels) };
}

/** Containers first: neither a network with a container in it nor the image of one can go. Returns one line per thing that stayed. */
export async function removeLeftovers(engine: Engine, leftovers: readonly Leftover[]): Promise<string[]> {
  const remove = {
    container: killAndRemoveContainer,
    network: removeNetwork,
    volume: removeVolume,
    image: removeImage,
  };
  const failures: string[] = [];
  for (const kinds of [["container"], ["network", "volume"], ["image"]]) {
    await Promise.all(
      leftovers
        .filter((one) => kinds.includes(one.kind))
        .map((one) =>
          remove[one.kind](engine, one.id).catch((error: unknown) =>
            failures.push(`${one.kind} ${one.name}: ${messageOf(error)}`),
          ),
        ),
    );
  }
  return failures;
}

/** What an agent's container says of its bottle. */
export async function describeBottle(container: ContainerSummary, isAlive: IsAlive): Promise<RunningBottle> {
  const { Labels: labels } = container;
  const owner = parseOwner(labels[labelKeys.owner]);
  return {
    name: bottleNameOf(nameOf(container)),
    session: labels[labelKeys.session] ?? "",
    agent: labels[labelKeys.agent] ?? "",
    bottle: labels[labelKeys.bottle] ?? "",
    runtime: labels[labelKeys.runtime] ?? "",
    state: container.State,
    createdAt: new Date(container.Created * 1000).toISOString(),
    isOwned: owner !== undefined && (await isAlive(owner)),
    laterVersion: findLaterVersion(labels),
  };
}

/** Undefined for labels of this version's form, and for those of nobody. */
function findLaterVersion(labels: Labels): string | undefined {
  const schema = labels[labelKeys.schema];
  if (schema === undefined || schema === labelSchema) return undefined;
  return labels[labelKeys.version] ?? "unknown";
}

function nameOf(container: ContainerSummary): string {
  return container.Names[0]?.replace(/^\//, "") ?? container.Id.slice(0, 12);
}
