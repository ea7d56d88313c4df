/** The work tree as a tree of git's: HEAD's, with what the agent has changed in its place. */
import { lstatSync, readFileSync, writeFileSync } from "node:fs";
import { renderBytes } from "../../core/text.ts";
import { workMeasures } from "../../core/work-measures.ts";
import { resolveObjects } from "./ask-git.ts";
import { editTree } from "./edit-tree.ts";
import type { TreeChanges, TreeEntry } from "./edit-tree.ts";
import { git, GitFailure } from "./git.ts";
import type { GitPlace } from "./git.ts";
import type { IndexedFile } from "./agent-files.ts";
import { linkMode } from "./changes.ts";
import { parseIndex, renderIndex } from "./index-file.ts";
import { emptyTree, writeCommit } from "./own-objects.ts";
import { tell } from "./problems.ts";
import { addRaw, takeRawFiles, toPlace } from "./raw-files.ts";

export interface ChangesToTake {
  readonly place: GitPlace;
  /** To be taken as they lie there; bytes as latin1 */
  readonly present: Iterable<string>;
  readonly gone: Iterable<string>;
  /** What the agent's index has */
  readonly indexed: ReadonlyMap<string, IndexedFile>;
}

/** The changes as entries of a tree, by path. */
export async function takeChanges(request: ChangesToTake): Promise<Map<string, TreeEntry | undefined>> {
  const gone = [...request.gone].map((path) => [path, undefined] as const);
  return new Map<string, TreeEntry | undefined>([...gone, ...(await takeFiles(request))]);
}

/** Writes the tree of a commit with the changes, and returns its id. `head` undefined is no commit. */
export async function writeTree(
  place: GitPlace,
  head: string | undefined,
  changes: TreeChanges,
): Promise<string> {
  return editTree(place, head === undefined ? undefined : await treeOf(place, head), changes);
}

/** What git makes of the files that are present; undefined for one that is gone by now. */
async function takeFiles({
  place,
  present,
  indexed,
}: ChangesToTake): Promise<Map<string, TreeEntry | undefined>> {
  const paths = leaveOutLarge(place, present);
  if (paths.length === 0) return new Map();
  const plain = takeRawFiles(place, paths, indexed);
  if (plain) return plain;
  const { index = "", objectFormat = "sha1" } = place;
  // What git makes of a file depends on what its index has of it: line ends, modes and links (gitattributes(5), core.fileMode)
  const known = paths.flatMap((path) => {
    const entry = indexed.get(path);
    return entry?.stage === 0 && entry.mode !== linkMode ? [[path, entry] as const] : [];
  });
  writeFileSync(index, renderIndex(new Map(known), objectFormat));
  const raw = new Map<string, TreeEntry>();
  await addFiles(place, paths, raw);
  const taken = parseIndex(readFileSync(index), objectFormat);
  return new Map(
    paths.map((path) => {
      const entry = raw.get(path) ?? taken.get(path);
      // Such as a folder named .GIT, which is git's own where case does not count
      if (entry === undefined && isThere(toPlace(place, path))) tell(`${path}: git does not accept it`);
      return [path, entry];
    }),
  );
}

/** The id of a commit's tree. */
export async function treeOf(place: GitPlace, commit: string): Promise<string> {
  const [tree] = await resolveObjects(place, [`${commit}^{tree}`]);
  if (tree?.type !== "tree") throw new GitFailure(`${commit}: its files are not there`);
  return tree.id;
}

/**
 * As git takes them. What it does not take, such as one whose bytes are not in the encoding that its attributes claim, keeps nothing else
 * out: it comes as it lies there.
 */
async function addFiles(
  place: GitPlace,
  paths: readonly string[],
  raw: Map<string, TreeEntry>,
): Promise<void> {
  try {
    const words = ["update-index", "-z", "--add", "--remove", "--replace", "--stdin"];
    await git(place, words, { input: Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1") });
  } catch {
    const [first = ""] = paths;
    if (paths.length === 1) return void raw.set(first, addRaw(place, first));
    const middle = paths.length >> 1;
    await addFiles(place, paths.slice(0, middle), raw);
    await addFiles(place, paths.slice(middle), raw);
  }
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

function isThere(path: Buffer): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // Below something that is no folder any more
    return false;
  }
}

/** Nothing for what is gone by now. */
function sizeOf(path: Buffer): number {
  try {
    return lstatSync(path).size;
  } catch {
    return 0;
  }
}

/** A tree that differs from HEAD's becomes a commit on top of it. Undefined if there is nothing that is not committed. */
export async function commitTree(
  place: GitPlace,
  head: string | undefined,
  tree: string,
  message: string,
): Promise<string | undefined> {
  const before = head === undefined ? emptyTree(place) : await treeOf(place, head);
  return before === tree ? undefined : writeCommit(place, tree, head, message);
}
