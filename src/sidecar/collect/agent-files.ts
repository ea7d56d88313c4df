/** What git of the bottle takes for the files of a work tree: those in the agent's index, and those that it would add. */
import { existsSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listFolder, readSmall } from "./agent-git-folder.ts";
import { git } from "./git.ts";
import type { GitPlace } from "./git.ts";

export interface IndexedFile {
  readonly mode: string;
  readonly id: string;
  /** Above 0 in a conflict */
  readonly stage: number;
  /** Told not to be looked at: skip-worktree, assume-unchanged. It may be absent without having been deleted */
  readonly isUnwatched: boolean;
}

/** Paths are bytes as latin1. */
export interface AgentFiles {
  readonly indexed: ReadonlyMap<string, IndexedFile>;
  /** Neither indexed nor ignored */
  readonly others: readonly string[];
  /** Where git with the agent's index looks */
  readonly place: GitPlace;
}

/** Of a million files */
const maxIndexBytes = 256 * 1024 * 1024;
const maxLayers = 20;
const entry = /^(\S) (\d{6}) ([0-9a-f]{40,64}) ([0-3])\t([^]+)$/;
const words = ["ls-files", "-z", "-t", "-v", "--stage", "--cached", "--others", "--exclude-standard"];

export interface AgentFilesRequest {
  /** Its index is where a copy of the agent's is made */
  readonly place: GitPlace;
  /** The agent's own git folder; undefined where there is none */
  readonly own: string | undefined;
  /** For an index that git does not read */
  readonly head: Promise<string | undefined>;
  /** A folder that git cannot read; true if it can be now */
  readonly unlock: (folder: string) => boolean;
}

/** By a copy of the agent's index; one that git does not read counts as HEAD's. */
export async function listAgentFiles(request: AgentFilesRequest): Promise<AgentFiles> {
  const { place, own } = request;
  const index = place.index ?? "";
  copyIndex(own, place.gitFolder, index);
  let text = await list(request).catch(() => undefined);
  if (text === undefined || !existsSync(index)) {
    rmSync(index, { force: true });
    const head = await request.head;
    await git(place, head === undefined ? ["read-tree", "--empty"] : ["read-tree", head]);
    text = await list(request);
  }
  const indexed = new Map<string, IndexedFile>();
  const others: string[] = [];
  for (const line of text.split("\0")) {
    if (line.startsWith("? ")) others.push(line.slice(2));
    const [, tag = "", mode = "", id = "", stage, path = ""] = entry.exec(line) ?? [];
    const isUnwatched = tag === "S" || (tag >= "a" && tag <= "z");
    if (path !== "") indexed.set(path, { mode, id, stage: Number(stage), isUnwatched });
  }
  if (place.settings?.includes("core.ignorecase=true"))
    others.push(...(await listOtherCase(place, new Set([...indexed.keys(), ...others]))));
  return { indexed, others, place };
}

/** Files that differ from one in the index by case alone: git takes them for that one, which this file system does not. */
async function listOtherCase(place: GitPlace, known: ReadonlySet<string>): Promise<string[]> {
  const apart = { ...place, index: `${place.gitFolder}/no-index` };
  const names = (await git(apart, ["ls-files", "-z", "--others", "--exclude-standard"])).split("\0");
  return names.filter((name) => name !== "" && !name.endsWith("/") && !known.has(name));
}

/** Again for each layer of folders that had to be unlocked. */
async function list({ place, unlock }: AgentFilesRequest): Promise<string> {
  for (let layer = 0; ; layer += 1) {
    const locked: string[] = [];
    const onComplaint = (text: string) => {
      for (const [, folder = ""] of text.matchAll(
        /could not open directory '([^\n]+?)\/?': Permission denied/g,
      ))
        locked.push(folder);
    };
    const text = await git(place, words, { onComplaint });
    // Each is asked for, so that each is told
    const isMore = locked.map(unlock).includes(true);
    if (!isMore || layer >= maxLayers) return text;
  }
}

/** A split index stands in two files. Times are kept: by them git tells what it must look at again. */
function copyIndex(own: string | undefined, gitFolder: string, target: string): void {
  rmSync(target, { force: true });
  if (own === undefined) return;
  const bytes = readSmall(join(own, "index"), maxIndexBytes, "latin1");
  if (bytes === undefined) return;
  writeFileSync(target, bytes, "latin1");
  const { mtime } = statSync(join(own, "index"));
  utimesSync(target, mtime, mtime);
  for (const { name } of listFolder(own)) {
    if (/^sharedindex\.[0-9a-f]+$/.test(name) && !existsSync(join(gitFolder, name)))
      symlinkSync(join(own, name), join(gitFolder, name));
  }
}
