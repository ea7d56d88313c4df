/** The collector's container: there for one collection, over the volumes that a look has found. */
import { randomUUID } from "node:crypto";
import { createContainer, killAndRemoveContainer } from "../../engine/containers.ts";
import type { ContainerConfig } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { listVolumes, removeVolume } from "../../engine/volumes.ts";
import { labelKeys } from "./labels.ts";
import { claimStandbyCollector } from "./standby-collector.ts";
import { holdsWork } from "./work-volumes.ts";
import type { FoundWork } from "./work-volumes.ts";

export interface CollectorRequest {
  readonly session: string;
  readonly work: FoundWork;
  readonly config: ContainerConfig;
  /** The one that stands by may be used */
  readonly mayClaim: boolean;
  /** Called once all has come, while the container is removed */
  readonly taken?: (() => Promise<void>) | undefined;
}

/** How a collection went. `gone`: a volume was removed after the look; nothing was collected, and another look tells what there is. */
export type Collected = "done" | "too-long" | "gone";

/**
 * Makes the container, has `act` use it, and removes it, however that went. An engine makes a volume that somebody removed after the look
 * anew and empty, which would be taken for work that came to nothing: `act` hands nothing over unless `isWhole` says that all are the
 * ones that were found. From the create on nobody can remove them.
 */
export async function useCollector(
  engine: Engine,
  { session, work, config, taken, mayClaim }: CollectorRequest,
  act: (name: string, isWhole: Promise<boolean>) => Promise<Collected>,
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
    const outcome = await act(name, isWhole);
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
