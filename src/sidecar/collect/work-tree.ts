/** The work tree as a tree of git's: HEAD's, with what the agent has changed in its place. */
import { git } from "./git.ts";
import type { GitPlace } from "./git.ts";
import type { TreeEntry } from "./changes.ts";

export interface TreeRequest {
  readonly place: GitPlace;
  /** Commit below it; undefined for none */
  readonly head: string | undefined;
  /** To be taken as they lie there; bytes as latin1 */
  readonly present: Iterable<string>;
  readonly gone: Iterable<string>;
  /** Commits of other repositories; undefined for one that was taken away */
  readonly links: ReadonlyMap<string, string | undefined>;
}

/** Writes the tree and returns its id. */
export async function writeTree(request: TreeRequest): Promise<string> {
  const { place, head, links } = request;
  await git(place, head === undefined ? ["read-tree", "--empty"] : ["read-tree", head]);
  const lost = [...links].flatMap(([path, id]) => (id === undefined ? [path] : []));
  const gone = [...request.gone, ...lost];
  if (gone.length > 0)
    await git(place, ["update-index", "-z", "--force-remove", "--stdin"], renderPaths(gone));
  const present = [...request.present];
  if (present.length > 0) {
    const words = ["update-index", "-z", "--add", "--remove", "--replace", "--stdin"];
    await git(place, words, renderPaths(present));
  }
  await putEntries(
    place,
    new Map([...links].flatMap(([path, id]) => (id === undefined ? [] : [[path, { mode: "160000", id }]]))),
  );
  return (await git(place, ["write-tree"])).trim();
}

/** Sets entries of the index by their ids; undefined takes one out. */
export async function putEntries(
  place: GitPlace,
  entries: ReadonlyMap<string, TreeEntry | undefined>,
): Promise<void> {
  if (entries.size === 0) return;
  const gone = [...entries].flatMap(([path, entry]) => (entry ? [] : [`0 ${"0".repeat(40)}\t${path}\0`]));
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

function renderPaths(paths: readonly string[]): { readonly input: Buffer } {
  return { input: Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1") };
}
