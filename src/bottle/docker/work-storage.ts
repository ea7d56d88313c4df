/** Where Docker keeps an agent's work: on volumes, which a collector's container reads. */
import type { IsAlive } from "../../core/process-owner.ts";
import { listContainers } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { findImage } from "../../engine/images.ts";
import { listVolumes } from "../../engine/volumes.ts";
import type { StoredWork, WorkStorage } from "../platform/work-storage.ts";
import { makeCollectorConfig } from "./collector-config.ts";
import { useCollector } from "./collector.ts";
import { bottleNameOf, labelKeys, makeSessionLabels } from "./labels.ts";
import type { LabelContext } from "./labels.ts";
import { discardWork } from "./remove-session.ts";
import { findWork, listKeptWork } from "./work-volumes.ts";

/** Connects when a method is called. */
export function makeWorkStorage(
  connect: () => Promise<Engine>,
  context: LabelContext,
  isAlive: IsAlive,
): WorkStorage {
  return {
    find: async (session) => findStored(await connect(), session, context),
    list: async () => listKeptWork(await connect(), isAlive),
    discard: async (session) => discardWork(await connect(), session),
    isAtRest: async (session) => isAtRest(await connect(), session),
    listImages: async () => listWorkImages(await connect()),
  };
}

async function findStored(
  engine: Engine,
  session: string,
  context: LabelContext,
): Promise<StoredWork | undefined> {
  const work = await findWork(engine, session);
  if (!work) return undefined;
  const labels = makeSessionLabels(session, "collector", context);
  return {
    bottleName: bottleNameOf(work.stem),
    useCollector({ spec, mayWrite, mayClaim, taken }, act) {
      const config = makeCollectorConfig(spec, work, { labels, mayWrite });
      return useCollector(engine, { session, work, config, mayClaim, taken }, act);
    },
  };
}

/** One that can write might race the engine's way to the files. */
async function isAtRest(engine: Engine, session: string): Promise<boolean> {
  const agents = await listContainers(engine, [`${labelKeys.session}=${session}`, `${labelKeys.role}=agent`]);
  return agents.every((one) => one.State === "exited" || one.State === "created" || one.State === "dead");
}

/** As the labels of the volumes name them, and their ids. */
async function listWorkImages(engine: Engine): Promise<string[]> {
  const images: string[] = [];
  for (const { labels } of await listVolumes(engine, [labelKeys.session])) {
    const image = labels[labelKeys.image];
    if (image !== undefined) images.push(image, (await findImage(engine, image))?.id ?? image);
  }
  return images;
}
