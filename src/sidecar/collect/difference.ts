/** What an agent changed as text: from what went in to what is there now. */
import { closeSync, copyFileSync, openSync } from "node:fs";
import { emptyTree } from "./changes.ts";
import type { Changes, TreeEntry } from "./changes.ts";
import type { Collected } from "./collect-repository.ts";
import { findCommits, git, tryGit } from "./git.ts";
import type { GitPlace } from "./git.ts";
import { tell } from "./problems.ts";
import { putEntries } from "./work-tree.ts";

/** Writes the output of `git diff-tree` with these words; false if there is nothing to compare. */
export async function writeDifference(
  collected: Collected,
  file: string,
  words: readonly string[],
): Promise<boolean> {
  const { place, head } = collected.repository;
  const ends = collected.changes ? await treesOf(collected, collected.changes) : await wholeTrees(collected);
  const to = ends.to ?? (head === undefined ? undefined : `${head}^{tree}`);
  if (to === undefined) return false;
  const output = openSync(file, "w");
  const style = ["-r", "-M", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=none"];
  try {
    await git(place, ["diff-tree", ...style, ...words, ends.from, to], { output });
  } finally {
    closeSync(output);
  }
  return true;
}

interface Ends {
  readonly from: string;
  readonly to: string | undefined;
}

/** The tree as it is now, and the same with what the agent has changed put back. */
async function treesOf({ repository, tree }: Collected, changes: Changes): Promise<Ends> {
  const { place, head } = repository;
  const to = tree ?? (head === undefined ? await emptyTree(place) : `${head}^{tree}`);
  const index = `${place.gitFolder}/before-index`;
  const at: GitPlace = { ...place, index };
  if (tree === undefined) await git(at, head === undefined ? ["read-tree", "--empty"] : ["read-tree", head]);
  else copyFileSync(place.index ?? "", index);
  const paths = [...changes.present, ...changes.gone];
  const entries = new Map(paths.map((path) => [path, changes.before(path)] as const));
  await putEntries(at, await withoutMissing(place, entries));
  return { from: (await git(at, ["write-tree", "--missing-ok"])).trim(), to };
}

/** Of large files that no commit has, the earlier content was not kept. */
async function withoutMissing(
  place: GitPlace,
  entries: ReadonlyMap<string, TreeEntry | undefined>,
): Promise<Map<string, TreeEntry | undefined>> {
  const ids = [...entries.values()].flatMap((entry) => entry?.id ?? []);
  const there = await findCommits(place, ids, ["blob"]);
  return new Map(
    [...entries].map(([path, entry]) => {
      if (entry === undefined || there.has(entry.id)) return [path, entry];
      tell(`${path}: its earlier content is not kept, so all of it is shown`);
      return [path, undefined];
    }),
  );
}

/** Where nobody noted what went in: the commit that did, or what the entry program noted of a folder without a repository. */
async function wholeTrees({ task, repository, tree }: Collected): Promise<Ends> {
  const { place } = repository;
  const { base, request } = task;
  const commit = base?.head
    ? await tryGit(place, ["rev-parse", "--verify", "--quiet", `${base.head}^{tree}`])
    : undefined;
  const from =
    commit?.trim() ||
    (request.before === null ? await emptyTree(place) : await readBefore(request.before, place));
  return { from, to: tree };
}

async function readBefore(before: string, place: GitPlace): Promise<string> {
  const at: GitPlace = { gitFolder: before, timeoutMs: place.timeoutMs };
  const tree = (await tryGit(at, ["rev-parse", "--verify", "--quiet", "HEAD^{tree}"]))?.trim();
  if (tree !== undefined) return tree;
  tell("what went in is not known any more, so the patch holds every file");
  return emptyTree(place);
}
