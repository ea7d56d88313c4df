/** Data of services that outlives their session: volumes without a session, each for one container at a time. */
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import { listContainers } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { createVolume, listVolumes, readVolumeSizes } from "../../engine/volumes.ts";
import type { ServicePlan } from "../../plan/plan.ts";
import type { Leftover } from "../bottle.ts";
import { bottleNameOf, labelKeys, labelSchema } from "./labels.ts";
import type { LabelContext, Labels } from "./labels.ts";
import type { ServiceImage } from "../platform/services.ts";

export interface KeptDataContext {
  /** Of the bottle, as the manifest calls it */
  readonly bottle: string;
  readonly context: Pick<LabelContext, "version" | "extra">;
}

interface KeptData {
  /** By folder */
  readonly volumes: ReadonlyMap<string, string>;
  /** For the container, so that the next one finds that they are in use */
  readonly labels: Labels;
}

/** Makes them, or gives those that are there; none for data that goes with the session. What an image has there goes in once. */
export async function nameKeptData(
  engine: Engine,
  { name, keepKey }: ServicePlan,
  { volumes }: ServiceImage,
  { bottle, context }: KeptDataContext,
): Promise<KeptData> {
  if (keepKey === undefined) return { volumes: new Map(), labels: {} };
  if (volumes.length === 0) throw nothingToKeep(name);
  const stem = `claude-bottle-data-${bottle.toLowerCase().slice(0, 40)}-${name}-${keepKey}`;
  const named = volumes.toSorted().map((folder, index) => [folder, `${stem}-${index}`] as const);
  const labels = {
    ...context.extra,
    [labelKeys.schema]: labelSchema,
    [labelKeys.version]: context.version,
    [labelKeys.role]: "data",
    [labelKeys.bottle]: bottle,
    [labelKeys.service]: name,
    [labelKeys.data]: keepKey,
  };
  await Promise.all(named.map(([, volume]) => createVolume(engine, { name: volume, labels })));
  return { volumes: new Map(named), labels: { [labelKeys.data]: keepKey } };
}

/** Rejects if another container has the data: two databases in one folder destroy it. */
export async function claimKeptData(
  engine: Engine,
  { name, keepKey }: ServicePlan,
  { volumes }: KeptData,
  container: string,
): Promise<void> {
  if (keepKey === undefined || volumes.size === 0) return;
  const holders = await listContainers(engine, [`${labelKeys.data}=${keepKey}`]);
  const other = holders.find((one) => one.Id !== container);
  if (!other) return;
  const holder = bottleNameOf((other.Names[0] ?? "").replace(/^\//, "")).replace(/-service-.*$/, "");
  throw new BottleError({
    code: "session",
    message: `Cannot start service ${quote(name)}: the bottle ${quote(holder)} uses its kept data`,
    hint: 'End that bottle first, or leave out "keep" so that each session has data of its own.',
  });
}

/** Volumes of kept data that no container uses, with their sizes. */
export async function findKeptData(engine: Engine): Promise<Leftover[]> {
  const [volumes, containers, sizes] = await Promise.all([
    listVolumes(engine, [`${labelKeys.role}=data`]),
    listContainers(engine, [labelKeys.data]),
    readVolumeSizes(engine),
  ]);
  const used = new Set(containers.map(({ Labels: labels }) => labels[labelKeys.data]));
  return volumes
    .filter(({ labels }) => labels[labelKeys.schema] === labelSchema && !used.has(labels[labelKeys.data]))
    .map(({ name }) => {
      const bytes = sizes.get(name);
      return {
        kind: "volume",
        id: name,
        name,
        session: "",
        holdsWork: false,
        ...(bytes !== undefined && { bytes }),
      };
    });
}

function nothingToKeep(name: string): BottleError {
  return new BottleError({
    code: "manifest",
    message: `Cannot keep the data of service ${quote(name)}: its image declares no volume, so nobody knows where it is`,
    hint: 'Leave out "keep", or use an image with a VOLUME line for its data.',
  });
}
