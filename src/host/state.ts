/** What is kept between runs, below the XDG folders: approvals of policies, and which runtimes were seen to start. */
import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { parseApproval } from "../protocol/approval.ts";
import type { Approval } from "../protocol/approval.ts";
import { parseProbeResult } from "../protocol/probe-result.ts";
import type { ProbeResult } from "../protocol/probe-result.ts";
import { findText, writeAtomically } from "./files.ts";
import type { World } from "./world.ts";

/** `$XDG_STATE_HOME/claude-bottle`, by default below ~/.local/state */
export function stateFolder(world: Pick<World, "env" | "home">): string {
  return join(absolute(world.env["XDG_STATE_HOME"]) ?? join(world.home, ".local/state"), "claude-bottle");
}

/** The same folder may be reached by several names, and it is one project by all of them. */
export async function findRealPaths(paths: readonly string[]): Promise<string[]> {
  return Promise.all(paths.map((path) => realpath(path).catch(() => path)));
}

/** Names an approval: the same agent name in another project is another one. `files` are real paths. */
export function approvalKey(agent: string, files: readonly string[]): string {
  return createHash("sha256")
    .update(JSON.stringify([agent, ...files]))
    .digest("hex")
    .slice(0, 32);
}

/** The approval of an agent; `key` names the agent and the files its manifest stands in. */
export async function findApproval(folder: string, key: string): Promise<Approval | undefined> {
  const all = await readMap(join(folder, "approvals.json"));
  return Object.hasOwn(all, key) ? parseApproval(all[key]) : undefined;
}

/** All that were made from exactly these files, by their real paths. */
export async function listApprovals(folder: string, files: readonly string[]): Promise<Approval[]> {
  const all = Object.values(await readMap(join(folder, "approvals.json")));
  return all
    .flatMap((value) => parseApproval(value) ?? [])
    .filter((one) => JSON.stringify(one.files) === JSON.stringify(files));
}

/** In place of an earlier one of the same key. */
export async function saveApproval(folder: string, key: string, approval: Approval): Promise<void> {
  const path = join(folder, "approvals.json");
  await writeMap(path, { ...(await readMap(path)), [key]: approval });
}

/** Removes the approvals that `isMeant`, and gives them. What cannot be understood as one goes with them: it approves nothing. */
export async function removeApprovals(
  folder: string,
  isMeant: (approval: Approval) => boolean,
): Promise<Approval[]> {
  const path = join(folder, "approvals.json");
  const entries = Object.entries(await readMap(path));
  const known = entries.map(([key, value]) => [key, parseApproval(value)] as const);
  const kept = known.filter(([, one]) => one !== undefined && !isMeant(one));
  const removed = known.flatMap(([, one]) => (one !== undefined && isMeant(one) ? [one] : []));
  if (kept.length < entries.length) await writeMap(path, Object.fromEntries(kept));
  return removed;
}

/** Outcomes of runtime probes by engine, kernel and runtime. */
export function makeProbeCache(folder: string): {
  read(key: string): Promise<ProbeResult | undefined>;
  write(key: string, value: ProbeResult): Promise<void>;
} {
  const path = join(folder, "runtime-probes.json");
  return {
    read: async (key) => {
      const all = await readMap(path);
      return Object.hasOwn(all, key) ? parseProbeResult(all[key]) : undefined;
    },
    write: async (key, value) => writeMap(path, { ...(await readMap(path)), [key]: value }),
  };
}

/** A file that cannot be understood counts as empty: the worst that follows is one more question or one more probe. */
async function readMap(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const value: unknown = JSON.parse((await findText(path)) ?? "{}");
    return value && typeof value === "object" && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

async function writeMap(path: string, map: Record<string, unknown>): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(map, null, 2)}\n`);
}

/** The XDG specification says that relative paths are to be ignored. */
function absolute(path: string | undefined): string | undefined {
  return path?.startsWith("/") ? path : undefined;
}
