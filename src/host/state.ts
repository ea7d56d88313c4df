/** What is kept between runs, below the XDG folders: approvals of policies, and which runtimes were seen to start. */
import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { findText, writeAtomically } from "./files.ts";
import type { World } from "./world.ts";

/** An approval of one agent's effective policy. */
export interface Approval {
  readonly agent: string;
  /** Manifest files it was made from, by their real paths */
  readonly files: readonly string[];
  readonly policy: readonly string[];
  readonly digest: string;
  /** ISO 8601 */
  readonly approvedAt: string;
  /** Text of the manifest's own Dockerfile, so that a change of it can be shown */
  readonly dockerfile?: string;
}

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
  const all = await readMap<unknown>(join(folder, "approvals.json"));
  const found = Object.hasOwn(all, key) ? all[key] : undefined;
  return isApproval(found) ? found : undefined;
}

/** All that were made from exactly these files, by their real paths. */
export async function listApprovals(folder: string, files: readonly string[]): Promise<Approval[]> {
  const all = Object.values(await readMap<unknown>(join(folder, "approvals.json"))).filter(isApproval);
  return all.filter((one) => JSON.stringify(one.files) === JSON.stringify(files));
}

/** In place of an earlier one of the same key. */
export async function saveApproval(folder: string, key: string, approval: Approval): Promise<void> {
  const path = join(folder, "approvals.json");
  await writeMap(path, { ...(await readMap<unknown>(path)), [key]: approval });
}

/** Removes the approvals that `isMeant`, and gives them. What cannot be understood as one goes with them: it approves nothing. */
export async function removeApprovals(
  folder: string,
  isMeant: (approval: Approval) => boolean,
): Promise<Approval[]> {
  const path = join(folder, "approvals.json");
  const entries = Object.entries(await readMap<unknown>(path));
  const kept = entries.filter(([, value]) => isApproval(value) && !isMeant(value));
  const removed = entries.flatMap(([, value]) => (isApproval(value) && isMeant(value) ? [value] : []));
  if (kept.length < entries.length) await writeMap(path, Object.fromEntries(kept));
  return removed;
}

function isApproval(value: unknown): value is Approval {
  if (typeof value !== "object" || value === null) return false;
  const { agent, files, policy, digest, approvedAt, dockerfile } = value as Partial<
    Record<keyof Approval, unknown>
  >;
  const areLines = (lines: unknown) =>
    Array.isArray(lines) && lines.every((line) => typeof line === "string");
  return (
    areLines(policy) &&
    areLines(files) &&
    typeof agent === "string" &&
    typeof digest === "string" &&
    typeof approvedAt === "string" &&
    (dockerfile === undefined || typeof dockerfile === "string")
  );
}

/** Outcomes of runtime probes by engine, kernel and runtime. */
export function makeProbeCache<T>(folder: string): {
  read(key: string): Promise<T | undefined>;
  write(key: string, value: T): Promise<void>;
} {
  const path = join(folder, "runtime-probes.json");
  return {
    read: async (key) => {
      const all = await readMap<T>(path);
      return Object.hasOwn(all, key) ? all[key] : undefined;
    },
    write: async (key, value) => writeMap(path, { ...(await readMap<T>(path)), [key]: value }),
  };
}

/** A file that cannot be understood counts as empty: the worst that follows is one more question or one more probe. */
async function readMap<T>(path: string): Promise<Record<string, T>> {
  try {
    const value: unknown = JSON.parse((await findText(path)) ?? "{}");
    return value && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, T>) : {};
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
