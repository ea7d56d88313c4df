/** What an agent changed as text: from what went in to what is there now. */
import { closeSync, openSync } from "node:fs";
import { resolveObjects } from "./ask-git.ts";
import type { Changes } from "./changes.ts";
import type { Collected } from "./collect-repository.ts";
import { editTree } from "./edit-tree.ts";
import type { TreeChanges } from "./edit-tree.ts";
import { git, tryGit } from "./git.ts";
import type { GitPlace } from "./git.ts";
import { emptyTree } from "./own-objects.ts";
import { tell } from "./problems.ts";

/** Writes the output of `git diff-tree` with these words; false if there is nothing to compare. */
export async function writeDifference(
  collected: Collected,
  file: string,
  words: readonly string[],
): Promise<boolean> {
  const { place } = collected.repository;
  const { from, to } = collected.changes
    ? await treesOf(collected, collected.changes)
    : await wholeTrees(collected);
  if (to === undefined) return false;
  const output = openSync(file, "w");
  const style = ["-r", "-M", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=none"];
  try {
    if (from !== to) await git(place, ["diff-tree", ...style, ...words, from, to], { output });
  } finally {
    closeSync(output);
  }
  return true;
}

interface Ends {
  readonly from: string;
  readonly to: string | undefined;
}

/** Of what the agent has changed and nothing else: as it was, and as it is. */
async function treesOf({ repository, taken }: Collected, changes: Changes): Promise<Ends> {
  const { place } = repository;
  const paths = [...changes.present, ...changes.gone];
  const before = new Map(paths.map((path) => [path, changes.before(path)] as const));
  return {
    from: await editTree(place, undefined, await withoutMissing(place, before)),
    to: await editTree(place, undefined, taken),
  };
}

/** Of large files that no commit has, the earlier content was not kept. */
async function withoutMissing(place: GitPlace, entries: TreeChanges): Promise<TreeChanges> {
  const ids = [...new Set([...entries.values()].flatMap((entry) => entry?.id ?? []))];
  const found = await resolveObjects(place, ids);
  const there = new Set(ids.filter((_, index) => found[index]?.type === "blob"));
  return new Map(
    [...entries].map(([path, entry]) => {
      if (entry === undefined || there.has(entry.id)) return [path, entry];
      tell(`${path}: its earlier content was not kept, so all of it is shown`);
      return [path, undefined];
    }),
  );
}

/** Where nobody noted what went in: the commit that did, or what the entry program noted of a folder without a repository. */
async function wholeTrees({ task, repository, tree }: Collected): Promise<Ends> {
  const { place, head } = repository;
  const { base, request } = task;
  const expressions = [base?.head, tree === undefined ? head : undefined].map(
    (one) => `${one || "none"}^{tree}`,
  );
  const [before, now] = await resolveObjects(place, expressions);
  return {
    from:
      before?.id ?? (request.before === null ? emptyTree(place) : await readBefore(request.before, place)),
    to: tree ?? now?.id,
  };
}

async function readBefore(before: string, place: GitPlace): Promise<string> {
  const at: GitPlace = { gitFolder: before, timeoutMs: place.timeoutMs };
  const tree = (await tryGit(at, ["rev-parse", "--verify", "--quiet", "HEAD^{tree}"]))?.trim();
  if (tree !== undefined) return tree;
  tell("what was copied in is no longer known, so the patch holds every file");
  return emptyTree(place);
}
