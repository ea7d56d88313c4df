/** The collector's container: there for one collection, over the volumes that a look has found. */
import { randomUUID } from "node:crypto";
import { openArchive } from "../../engine/container-file.ts";
import { createContainer, killAndRemoveContainer } from "../../engine/containers.ts";
import type { ContainerConfig } from "../../engine/containers.ts";
import { isNotFound } from "../../engine/engine-error.ts";
import type { Engine } from "../../engine/engine.ts";
import { listVolumes, removeVolume } from "../../engine/volumes.ts";
import type { Collected, Collector, CollectorRequest } from "../platform/work-storage.ts";
import { labelKeys } from "./labels.ts";
import { makeProgram } from "./part.ts";
import { claimStandbyCollector } from "./standby-collector.ts";
import { holdsWork } from "./work-volumes.ts";
import type { FoundWork } from "./work-volumes.ts";

export interface CollectorUse extends Omit<CollectorRequest, "spec" | "mayWrite"> {
  readonly session: string;
  readonly work: FoundWork;
  readonly config: ContainerConfig;
}

/**
 * Makes the container, has `act` use it, and removes it, however that went. An engine makes a volume that somebody removed after the look
 * again and empty, which would be taken for work that came to nothing: `act` hands nothing over unless `isWhole` says that all are the
 * ones that were found. From the create on nobody can remove them.
 */
export async function useCollector(
  engine: Engine,
  { session, work, config, taken, mayClaim }: CollectorUse,
  act: (collector: Collector) => Promise<Collected>,
): Promise<Collected> {
  const name = `${work.stem}-collect-${randomUUID().slice(0, 8)}`;
  let taking: Promise<void> | undefined;
  let now: Promise<VolumesNow> = Promise.resolve({ isWhole: true, remade: [] });
  try {
    const isClaimed = mayClaim && (await claimStandbyCollector(engine, work.stem, name));
    if (!isClaimed) await createContainer(engine, name, config);
    now = lookAgain(engine, session, work);
    const isWhole = now.then((found) => found.isWhole);
    isWhole.catch(() => undefined);
    const outcome = await act(makeCollector(engine, name, isWhole));
    if (outcome === "done") taking = taken?.();
    taking?.catch(() => undefined);
    return outcome;
  } finally {
    await killAndRemoveContainer(engine, name);
    const { remade } = await now.catch(() => ({ remade: [] }));
    await Promise.all(remade.map((one) => removeVolume(engine, one)));
    await taking;
  }
}

function makeCollector(engine: Engine, name: string, isWhole: Promise<boolean>): Collector {
  const { attach, openWait, start, remove } = makeProgram(engine, name);
  return { attach, openWait, start, remove, isWhole, readFolder: (path) => readFolder(engine, name, path) };
}

async function* readFolder(engine: Engine, container: string, path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* openArchive(engine, container, path);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

interface VolumesNow {
  readonly isWhole: boolean;
  /** Names of those that the engine has made for the collector's mounts */
  readonly remade: readonly string[];
}

async function lookAgain(engine: Engine, session: string, work: FoundWork): Promise<VolumesNow> {
  const present = await listVolumes(engine, [`${labelKeys.session}=${session}`]);
  const found = Object.values(work.volumes).map((name) => present.find((one) => one.name === name));
  return {
    isWhole: found.every((one) => one !== undefined && holdsWork(one.labels)),
    remade: found.flatMap((one) => (one?.labels[labelKeys.role] === "collector" ? [one.name] : [])),
  };
}
