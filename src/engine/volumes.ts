/** Volumes by the Engine API's own names: ones that live in memory, and ones that outlive their containers. */
import { setTimeout } from "node:timers/promises";
import { isConflict, isNotFound } from "./engine-error.ts";
import { queuedTimeoutMs } from "./engine.ts";
import type { Engine } from "./engine.ts";

/** A second in all */
const inUseLooks = 6;
const inUsePauseMs = 200;

/** POST /volumes/create for a folder on the engine's disk; one of that name that is there already is given as it is. */
export async function createVolume(
  engine: Engine,
  request: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
): Promise<void> {
  await engine.send("POST", "/volumes/create", {
    action: `create volume "${request.name}"`,
    body: { Name: request.name, Driver: "local", Labels: request.labels },
    timeoutMs: queuedTimeoutMs,
  });
}

/** POST /volumes/create for a tmpfs that several containers share; nothing of it reaches a disk. */
export async function createMemoryVolume(
  engine: Engine,
  request: {
    readonly name: string;
    readonly options: string;
    readonly labels: Readonly<Record<string, string>>;
  },
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
export async function listVolumes(
  engine: Engine,
  labels: readonly string[],
): Promise<{ readonly name: string; readonly labels: Readonly<Record<string, string>> }[]> {
  const answer = await engine.json<{
    Volumes: { Name: string; Labels: Record<string, string> | null }[] | null;
  }>("GET", "/volumes", {
    action: "list volumes",
    query: { filters: JSON.stringify({ label: labels }) },
  });
  return (answer.Volumes ?? []).map((volume) => ({ name: volume.Name, labels: volume.Labels ?? {} }));
}
