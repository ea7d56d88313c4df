/**
 * A collector that is made before it is asked for: to start its container takes longer than to collect what most agents have done. It is one
 * like any other, waits for its request, and has looked at nothing until that comes. It serves once.
 */
import { createContainer, killAndRemoveContainer, startContainer } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { renameContainer } from "../../engine/rename-container.ts";
import { listVolumes, removeVolume } from "../../engine/volumes.ts";
import type { StandbyCollector } from "../platform/ground.ts";
import type { CollectorSpec } from "../platform/work-storage.ts";
import { makeCollectorConfig } from "./collector-config.ts";
import { labelKeys, makeSessionLabels } from "./labels.ts";
import type { LabelContext } from "./labels.ts";
import { findWork } from "./work-volumes.ts";

interface StandbyRequest {
  readonly session: string;
  readonly spec: CollectorSpec;
  readonly context: LabelContext;
}

/** Makes nothing yet. */
export function makeStandbyCollector(engine: Engine, request: StandbyRequest): StandbyCollector {
  const { session } = request;
  let made: Promise<string | undefined> | undefined;
  return {
    async begin() {
      made ??= make(engine, request).catch(() => undefined);
      await made;
    },
    async end() {
      const id = await made;
      if (id !== undefined) await remove(engine, session, id).catch(() => undefined);
    },
  };
}

/** Gives the one that stands by the name, so that it is nobody else's; false if there is none. */
export async function claimStandbyCollector(engine: Engine, stem: string, name: string): Promise<boolean> {
  try {
    await renameContainer(engine, nameOf(stem), name);
    return true;
  } catch {
    // An engine that is away says so at the next call, too
    return false;
  }
}

async function make(engine: Engine, { session, spec, context }: StandbyRequest): Promise<string | undefined> {
  const work = await findWork(engine, session);
  if (!work) return undefined;
  const labels = makeSessionLabels(session, "collector", context);
  const { id } = await createContainer(
    engine,
    nameOf(work.stem),
    makeCollectorConfig(spec, work, { labels, mayWrite: false }),
  );
  // Whoever uses it starts it as well, and is told what the engine says
  startContainer(engine, id).catch(() => undefined);
  return id;
}

/** With the volumes that the engine has made for it again, since somebody had removed them. */
async function remove(engine: Engine, session: string, id: string): Promise<void> {
  await killAndRemoveContainer(engine, id);
  const labels = [`${labelKeys.session}=${session}`, `${labelKeys.role}=collector`];
  const remade = await listVolumes(engine, labels);
  await Promise.all(remade.map(({ name }) => removeVolume(engine, name)));
}

function nameOf(stem: string): string {
  return `${stem}-collect-ready`;
}
