/** The work tree as a tree of git's: HEAD's, with what the agent has changed in its place. */
import { lstatSync } from "node:fs";
import { renderBytes } from "../../core/text.ts";
import { workMeasures } from "../../core/work-measures.ts";
import { git, GitFailure } from "./git.ts";
import type { GitPlace } from "./git.ts";
import type { IndexedFile } from "./agent-files.ts";
import { linkMode } from "./changes.ts";
import type { TreeEntry } from "./changes.ts";
import { tell } from "./problems.ts";

export interface TreeRequest {
  readonly place: GitPlace;
  /** Commit below it; undefined for none */
  readonly head: string | undefined;
  /** To be taken as they lie there; bytes as latin1 */
  readonly present: Iterable<string>;
  readonly gone: Iterable<string>;
  /** What the agent's index has */
  readonly indexed: ReadonlyMap<string, IndexedFile>;
  /** Commits of other repositories; undefined for one that was taken away */
  readonly links: ReadonlyMap<string, string | undefined>;
}

/** Writes the tree and returns its id. */
export async function writeTree(request: TreeRequest): Promise<string> {
  const { place, head, indexed } = request;
  const present = leaveOutLarge(place, request.present);
  await git(place, head === undefined ? ["read-tree", "--empty"] : ["read-tree", head]);
  const entries = new Map<string, TreeEntry | undefined>();
  for (const path of request.gone) entries.set(path, undefined);
  // What git makes of a file depends on what its index has of it: line ends, modes and links (gitattributes(5), core.fileMode)
  for (const path of present) {
    const entry = indexed.get(path);
    if (entry?.stage === 0 && entry.mode !== linkMode) entries.set(path, { mode: entry.mode, id: entry.id });
  }
  for (const [path, id] of request.links)
    entries.set(path, id === undefined ? undefined : { mode: linkMode, id });
  await putEntries(place, entries);
  await addFiles(place, present);
  return (await git(place, ["write-tree"])).trim();
}

/**
 * As git takes them. What it does not take, such as one whose bytes are not in the encoding that its attributes claim, keeps nothing else
 * out: it comes as it lies there.
 */
async function addFiles(place: GitPlace, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  try {
    await updateIndex(place, paths);
  } catch {
    if (paths.length === 1) return addRaw(place, paths[0] ?? "");
    const middle = paths.length >> 1;
    await addFiles(place, paths.slice(0, middle));
    await addFiles(place, paths.slice(middle));
  }
}

async function updateIndex(place: GitPlace, paths: readonly string[]): Promise<void> {
  const words = ["update-index", "-z", "--add", "--remove", "--replace", "--stdin"];
  await git(place, words, { input: Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1") });
}

async function addRaw(place: GitPlace, path: string): Promise<void> {
  const status = lstatSync(toPlace(place, path));
  if (!status.isFile()) throw new GitFailure(`${path}: git does not take it`);
  const words = ["hash-object", "-w", "--no-filters", "--stdin-paths"];
  const id = (await git(place, words, { input: Buffer.from(`${path}\n`, "latin1") })).trim();
  await putEntries(place, new Map([[path, { mode: status.mode & 0o100 ? "100755" : "100644", id }]]));
}

function toPlace({ workTree = "" }: GitPlace, path: string): Buffer {
  return Buffer.from(`${Buffer.from(workTree).toString("latin1")}/${path}`, "latin1");
}

/** Files of which git would make more than is taken; a file without content may claim to be of any size. */
function leaveOutLarge(place: GitPlace, paths: Iterable<string>): string[] {
  const { objectBytes, changedBytes } = workMeasures;
  let whole = 0;
  return [...paths].filter((path) => {
    const size = sizeOf(toPlace(place, path));
    const most = Math.min(objectBytes, changedBytes - whole);
    if (size <= most) whole += size;
    else tell(`${path}: it has ${renderBytes(size)}, and at most ${renderBytes(most)} are taken`);
    return size <= most;
  });
}

/** Nothing for what is gone by now. */
function sizeOf(path: Buffer): number {
  try {
    return lstatSync(path).size;
  } catch {
    return 0;
  }
}

/** Sets entries of the index by their ids; undefined takes one out. */
export async function putEntries(
  place: GitPlace,
  entries: ReadonlyMap<string, TreeEntry | undefined>,
): Promise<void> {
  if (entries.size === 0) return;
  const nothing = "0".repeat(place.objectFormat === "sha256" ? 64 : 40);
  const gone = [...entries].flatMap(([path, entry]) => (entry ? [] : [`0 ${nothing}\t${path}\0`]));
  const put = [...entries].flatMap(([path, entry]) =>
    entry ? [`${entry.mode} ${entry.id}\t${path}\0`] : [],
  );
  // What is taken out first may stand where a folder is to be
  const input = Buffer.from([...gone, ...put].join(""), "latin1");
  await git(place, ["update-index", "-z", "--replace", "--index-info"], { input });
}

/** A tree that differs from HEAD's becomes a commit on top of it. Undefined if there is nothing that is not committed. */
export async function commitTree(
  place: GitPlace,
  head: string | undefined,
  tree: string,
  message: string,
): Promise<string | undefined> {
  if (head !== undefined && (await git(place, ["rev-parse", `${head}^{tree}`])).trim() === tree)
    return undefined;
  if (head === undefined && (await git(place, ["ls-tree", tree])) === "") return undefined;
  const parents = head === undefined ? [] : ["-p", head];
  return (await git(place, ["commit-tree", tree, ...parents], { input: message })).trim();
}
