/** What an agent made of Claude's own memory of a project, beside what is there now, and taking it over. */
import { lstat, rm } from "node:fs/promises";
import { join } from "node:path";
import { isMemoryPath, readMemoryText } from "../../core/memory-files.ts";
import type { MemoryNote } from "../../protocol/memory-note.ts";
import { readText, writeAtomically } from "../files.ts";
import { digestOf } from "../known-content.ts";
import { readRegularFile } from "../plain-file.ts";

export interface MemoryChange {
  /** Below the memory's folder */
  readonly path: string;
  /** As the user has it; undefined if they have none of the name */
  readonly now: string | undefined;
  /** Undefined if the agent has removed it */
  readonly after: string | undefined;
  /**
   * `taken`: it is the same by now. `conflict`: the user's is another than the one that went in. `blocked`: there is a link or a special
   * file in its place
   */
  readonly state: "open" | "taken" | "conflict" | "blocked";
}

/** Reads all of it, so that what is shown is what is taken. `record` is the session's folder. */
export async function compareMemory(
  record: string,
  folder: string,
  { wentIn, changed, removed }: MemoryNote,
): Promise<MemoryChange[]> {
  const before = new Map(wentIn.map((one) => [one.path, one.digest]));
  const all = [
    ...changed.map(async (path) => ({ path, after: await readText(join(record, "memory", path)) })),
    ...removed.map((path) => ({ path, after: undefined })),
  ];
  const known = (await Promise.all(all)).filter(({ path }) => isMemoryPath(path));
  return Promise.all(known.map((one) => compareFile(folder, one, before.get(one.path))));
}

async function compareFile(
  folder: string,
  { path, after }: Pick<MemoryChange, "path" | "after">,
  before: string | undefined,
): Promise<MemoryChange> {
  const place = await lookAt(folder, path);
  if (place === "blocked") return { path, now: undefined, after, state: "blocked" };
  const content = place === "absent" ? undefined : await readRegularFile(join(folder, path), folder);
  const now = content && readMemoryText(content);
  if (content && now === undefined) return { path, now, after, state: "blocked" };
  if (now === after) return { path, now, after, state: "taken" };
  const isSame = before === (content && digestOf(content));
  return { path, now, after, state: isSame ? "open" : "conflict" };
}

/** Writes what is open, one file after the other, unless it has changed since it was compared. Gives the paths of those that have. */
export async function takeMemory(folder: string, changes: readonly MemoryChange[]): Promise<string[]> {
  const left: string[] = [];
  for (const { path, now, after, state } of changes) {
    if (state !== "open") continue;
    const again = await compareFile(folder, { path, after }, now === undefined ? undefined : digestOf(now));
    if (again.state !== "open") left.push(path);
    else if (after === undefined) await rm(join(folder, path));
    else await writeAtomically(join(folder, path), after);
  }
  return left;
}

/** No link below the memory's folder is followed. */
async function lookAt(folder: string, path: string): Promise<"file" | "absent" | "blocked"> {
  const parts = path.split("/");
  for (const index of parts.keys()) {
    const status = await lstat(join(folder, ...parts.slice(0, index + 1))).catch(() => undefined);
    if (!status) return "absent";
    const isLast = index === parts.length - 1;
    if (isLast ? !status.isFile() : !status.isDirectory()) return "blocked";
  }
  return "file";
}
