/**
 * Folders for what exists only while a command works on it, such as a clone on its way into a bottle. They stand in the state folder and
 * bear their owner in their name: what a killed process left is removed by the next command, and what a living one uses is let be.
 */
import type { ProcessOwner } from "../core/process-owner.ts";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isProcessAlive, readProcessIdentity } from "./process-identity.ts";
import { stateFolder } from "./state.ts";
import type { World } from "./world.ts";

/** Where the folders are, and whose they are */
export type ScratchWorld = Pick<World, "env" | "home" | "pid">;

export interface Scratch {
  /** Absolute, empty, and for the user alone */
  readonly folder: string;
  remove(): Promise<void>;
}

/** A git that was orphaned together with its folder may write for a moment longer */
const removal = { recursive: true, force: true, maxRetries: 3 } as const;

/** Makes a folder. Its name says whose it is, so that there is no moment in which it is nobody's. */
export async function openScratch(world: ScratchWorld): Promise<Scratch> {
  const owner = await readProcessIdentity(world.pid);
  const folder = join(placeOf(world), `${renderOwner(owner)}_${crypto.randomUUID().slice(0, 8)}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return { folder, remove: () => rm(folder, removal) };
}

/** Removes the folders of processes that are gone. What cannot be removed now is left to the next command. */
export async function removeDeadScratch(world: Pick<World, "env" | "home">): Promise<void> {
  await removeThose(world, async (owner) => !(await isProcessAlive(owner)));
}

/** Removes the folders of this process: an upload that was cut off does not come to the end of what it reads from. */
export async function removeOwnScratch(world: ScratchWorld): Promise<void> {
  const own = renderOwner(await readProcessIdentity(world.pid));
  await removeThose(world, async (owner) => renderOwner(owner) === own);
}

async function removeThose(
  world: Pick<World, "env" | "home">,
  isMeant: (owner: ProcessOwner) => Promise<boolean>,
): Promise<void> {
  const place = placeOf(world);
  const names = await readdir(place).catch(() => []);
  await Promise.all(
    names.map(async (name) => {
      const owner = parseOwner(name);
      if (owner && (await isMeant(owner))) await rm(join(place, name), removal).catch(() => undefined);
    }),
  );
}

function placeOf(world: Pick<World, "env" | "home">): string {
  return join(stateFolder(world), "scratch");
}

/** No part of it holds a `_` or a `/` */
function renderOwner({ bootId, pid, startTime, machineId, pidNamespace }: ProcessOwner): string {
  return [bootId, pid, startTime, machineId ?? "", pidNamespace ?? ""].join("_");
}

/** Undefined for a name of another form, which may be a later version's. */
function parseOwner(name: string): ProcessOwner | undefined {
  const match = /^([^_]*)_(\d+)_([^_]*)_([^_]*)_([^_]*)_[0-9a-f]{8}$/.exec(name);
  if (!match) return undefined;
  const [, bootId = "", pid, startTime = "", machineId = "", pidNamespace = ""] = match;
  return { bootId, pid: Number(pid), startTime, machineId, pidNamespace };
}
