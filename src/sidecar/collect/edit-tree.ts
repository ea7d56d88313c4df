/** Trees that are changed path by path: what that costs follows the changes, and not the repository. */
import { readObjects } from "./ask-git.ts";
import { GitFailure } from "./git.ts";
import type { GitPlace } from "./git.ts";
import { emptyTree, writeObject } from "./own-objects.ts";

/** An entry of a tree. */
export interface TreeEntry {
  readonly mode: string;
  readonly id: string;
}

/** By path, bytes as latin1; undefined takes one away. */
export type TreeChanges = ReadonlyMap<string, TreeEntry | undefined>;

const folderMode = "40000";
/** A hostile index or note can hold any path */
const noName = /^(?:\.{0,2}|\.git)$/i;

/** The id of the tree with the changes; `tree` undefined is one without entries. Throws a `GitFailure` for a path that leads elsewhere. */
export async function editTree(
  place: GitPlace,
  tree: string | undefined,
  changes: TreeChanges,
): Promise<string> {
  return (await edit(place, tree, changes)) ?? emptyTree(place);
}

/** What a tree has at each of the paths that it has. */
export async function readEntries(
  place: GitPlace,
  tree: string,
  paths: Iterable<string>,
): Promise<Map<string, TreeEntry>> {
  const found = new Map<string, TreeEntry>();
  const walk = async (id: string, prefix: string, groups: Groups<true>): Promise<void> => {
    const entries = await readTree(place, id);
    for (const [name, { leaf, below }] of groups) {
      const entry = entries.get(name);
      if (entry && leaf) found.set(prefix + name, entry);
      if (entry?.mode === folderMode && below.size > 0)
        await walk(entry.id, `${prefix}${name}/`, groupByName(below));
    }
  };
  await walk(tree, "", groupByName(new Map([...paths].map((path) => [path, true] as const))));
  return found;
}

/** Undefined for a tree that has nothing in it any more. */
async function edit(
  place: GitPlace,
  tree: string | undefined,
  changes: TreeChanges,
): Promise<string | undefined> {
  const entries = tree === undefined ? new Map<string, TreeEntry>() : await readTree(place, tree);
  for (const [name, { leaf, below }] of groupByName(changes)) {
    if (noName.test(name)) {
      // No tree of git's has it, so there is nothing to take away
      if (!leaf?.value && !hasEntry(below)) continue;
      throw new GitFailure(`${name}: git does not accept it as a part of a path`);
    }
    if (leaf) {
      if (leaf.value) {
        entries.set(name, leaf.value);
        continue;
      }
      if (entries.get(name)?.mode !== folderMode) entries.delete(name);
    }
    if (below.size === 0) continue;
    const known = entries.get(name);
    const isFolder = known?.mode === folderMode;
    // What goes from below something that is no folder is gone already
    if (!isFolder && !hasEntry(below)) continue;
    const id = await edit(place, isFolder ? known.id : undefined, below);
    if (id === undefined) entries.delete(name);
    else entries.set(name, { mode: folderMode, id });
  }
  return entries.size === 0 ? undefined : writeTreeObject(place, entries);
}

function hasEntry(changes: TreeChanges): boolean {
  return [...changes.values()].some((one) => one !== undefined);
}

type Groups<T> = Map<string, { leaf?: { readonly value: T }; readonly below: Map<string, T> }>;

function groupByName<T>(paths: ReadonlyMap<string, T>): Groups<T> {
  const groups: Groups<T> = new Map();
  for (const [path, value] of paths) {
    const slash = path.indexOf("/");
    const name = slash < 0 ? path : path.slice(0, slash);
    const group = groups.get(name) ?? { below: new Map<string, T>() };
    if (slash < 0) group.leaf = { value };
    else group.below.set(path.slice(slash + 1), value);
    groups.set(name, group);
  }
  return groups;
}

async function readTree(place: GitPlace, id: string): Promise<Map<string, TreeEntry>> {
  const [content = Buffer.alloc(0)] = await readObjects(place, [id], "tree");
  const idBytes = place.objectFormat === "sha256" ? 32 : 20;
  const entries = new Map<string, TreeEntry>();
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const end = content.indexOf(0, space);
    const next = end + 1 + idBytes;
    if (space < 0 || end < 0 || next > content.length)
      throw new GitFailure(`${id}: it is no tree that can be read`);
    const mode = content.toString("latin1", at, space);
    entries.set(content.toString("latin1", space + 1, end), {
      mode: mode.replace(/^0+/, ""),
      id: content.toString("hex", end + 1, next),
    });
    at = next;
  }
  return entries;
}

/** Sorted as git does: a folder as if its name ended with a slash. */
function writeTreeObject(place: GitPlace, entries: ReadonlyMap<string, TreeEntry>): string {
  const sorted = [...entries]
    .map(([name, entry]) => ({ key: entry.mode === folderMode ? `${name}/` : name, name, entry }))
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const parts = sorted.flatMap(({ name, entry }) => [
    Buffer.from(`${entry.mode} ${name}\0`, "latin1"),
    Buffer.from(entry.id, "hex"),
  ]);
  return writeObject(place, "tree", Buffer.concat(parts));
}
