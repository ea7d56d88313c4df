/** Volumes by the Engine API's own names: ones that live in memory, and ones that outlive their containers. */
import { setTimeout } from "node:timers/promises";
import { isConflict, isNotFound } from "./engine-error.ts";
import { queuedTimeoutMs } from "./engine.ts";
import type { Engine } from "./engine.ts";

/** A second in all */
const inUseLooks = 6;
const inUsePauseMs = 200;

/** As it is asked for, and as it is listed. */
export interface NamedVolume {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Where it is on the engine's machine, and its labels. */
export interface Volume {
  readonly mountpoint: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface VolumeAnswer {
  readonly Mountpoint: string;
  readonly Labels: Readonly<Record<string, string>> | null;
}

/** POST /volumes/create for a folder on the engine's disk; one of that name that is there already is given as it is. */
export async function createVolume(engine: Engine, request: NamedVolume): Promise<Volume> {
  return readVolume(
    await engine.json<VolumeAnswer>("POST", "/volumes/create", {
      action: `create volume "${request.name}"`,
      body: { Name: request.name, Driver: "local", Labels: request.labels },
      timeoutMs: queuedTimeoutMs,
    }),
  );
}

/** GET /volumes/{name}; undefined if there is none. */
export async function findVolume(engine: Engine, name: string): Promise<Volume | undefined> {
  try {
    return readVolume(
      await engine.json<VolumeAnswer>("GET", `/volumes/${name}`, { action: `inspect volume "${name}"` }),
    );
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * POST /volumes/create for a folder that shows `lower` and takes changes into `upper`; paths on the engine's machine, as in overlayfs(5).
 * `lower` is only read, by as many as like. Nothing is mounted before a container needs it.
 */
export async function createOverlayVolume(
  engine: Engine,
  request: NamedVolume & { readonly lower: string; readonly upper: string; readonly work: string },
): Promise<void> {
  const { lower, upper, work } = request;
  // A folder of the lower one can be renamed with it, as package managers do
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work},redirect_dir=on`;
  await engine.send("POST", "/volumes/create", {
    action: `create volume "${request.name}"`,
    body: {
      Name: request.name,
      Driver: "local",
      DriverOpts: { type: "overlay", device: "overlay", o: options },
      Labels: request.labels,
    },
    timeoutMs: queuedTimeoutMs,
  });
}

/** GET /system/df: bytes by name, for those of which the engine says so. It walks all of them, which may take seconds. */
export async function readVolumeSizes(engine: Engine): Promise<Map<string, number>> {
  const { Volumes } = await engine.json<{
    Volumes:
      | readonly { readonly Name: string; readonly UsageData?: { readonly Size: number } | null }[]
      | null;
  }>("GET", "/system/df", {
    action: "measure volumes",
    query: { type: "volume" },
    timeoutMs: queuedTimeoutMs,
  });
  const sizes = (Volumes ?? []).map((one) => [one.Name, one.UsageData?.Size ?? -1] as const);
  return new Map(sizes.filter(([, size]) => size >= 0));
}

function readVolume({ Mountpoint, Labels }: VolumeAnswer): Volume {
  return { mountpoint: Mountpoint, labels: Labels ?? {} };
}

/** POST /volumes/create for a tmpfs that several containers share; nothing of it reaches a disk. */
export async function createMemoryVolume(
  engine: Engine,
  request: NamedVolume & { readonly options: string },
): Promise<void> {
  await engine.send("POST", "/volumes/create", {
    action: `create volume "${request.name}"`,
    body: {
      Name: request.name,
      Driver: "local",
      DriverOpts: { type: "tmpfs", device: "tmpfs", o: request.options },
      Labels: request.labels,
    },
    timeoutMs: queuedTimeoutMs,
  });
}

/**
 * DELETE /volumes/{name}; one that is gone is fine. The engine forgets a container a moment before it lets go of the container's volumes,
 * so that one in use is asked for again.
 */
export async function removeVolume(engine: Engine, name: string): Promise<void> {
  for (let look = 1; look < inUseLooks; look += 1) {
    try {
      return await deleteVolume(engine, name);
    } catch (error) {
      if (!isConflict(error)) throw error;
      await setTimeout(inUsePauseMs);
    }
  }
  return deleteVolume(engine, name);
}

async function deleteVolume(engine: Engine, name: string): Promise<void> {
  try {
    await engine.send("DELETE", `/volumes/${name}`, {
      action: `remove volume "${name}"`,
      query: { force: true },
      timeoutMs: queuedTimeoutMs,
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** GET /volumes that carry each of the labels. */
export async function listVolumes(engine: Engine, labels: readonly string[]): Promise<NamedVolume[]> {
  const answer = await engine.json<{
    Volumes: { Name: string; Labels: Record<string, string> | null }[] | null;
  }>("GET", "/volumes", {
    action: "list volumes",
    query: { filters: JSON.stringify({ label: labels }) },
  });
  return (answer.Volumes ?? []).map((volume) => ({ name: volume.Name, labels: volume.Labels ?? {} }));
}
