/** Trees as lists: what `git add -A` would make of a work tree, and what of it is an agent's. */
import { existsSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { must, run, splitNames } from "./run.ts";
import type { Env } from "./run.ts";
import { isThere } from "./work-tree.ts";
import type { WorkTree } from "./work-tree.ts";

/** Path → `100644 <id>` */
export type Tree = ReadonlyMap<string, string>;

export async function readTree(folder: string, env: Env, commit: string | undefined): Promise<Tree> {
  if (commit === undefined) return new Map();
  const text = await must(["git", "ls-tree", "-r", "-z", "--full-tree", commit], folder, env);
  return new Map(
    splitNames(text).map((line) => {
      const [mode = "", , id = ""] = line.slice(0, line.indexOf("\t")).split(" ");
      return [line.slice(line.indexOf("\t") + 1), `${mode} ${id}`];
    }),
  );
}

/**
 * What `git add -A` would make of the work tree: the index that it would leave. Only objects are written. `from: "head"` does not take the
 * index's word for any file and reads them all.
 */
export async function addEverything(
  folder: string,
  env: Env,
  from: "index" | "head" = "index",
): Promise<Tree> {
  const index = resolve(
    folder,
    (await must(["git", "rev-parse", "--git-path", "index"], folder, env)).trim(),
  );
  const own = `${index}.laws`;
  const apart = { ...env, GIT_INDEX_FILE: own };
  if (from === "head") await run(["git", "read-tree", "HEAD"], folder, apart);
  // With its time, by which git knows that files of the same moment have to be read
  else if (existsSync(index)) await must(["cp", "--preserve=timestamps", "--", index, own], folder, env);
  await removeFlags(folder, apart);
  // A repository without a commit is an error, which must not keep the rest out; and a file beside a sparse checkout is work as well
  // A user's own setting may refuse line ends that do not come back as they were, which is no reason to lose the file
  await run(
    ["git", "-c", "core.safecrlf=false", "add", "--all", "--sparse", "--ignore-errors", "."],
    folder,
    apart,
  );
  const text = await must(["git", "ls-files", "-s", "-z"], folder, apart);
  rmSync(own, { force: true });
  return new Map(
    splitNames(text).map((line) => {
      const [mode = "", id = ""] = line.slice(0, line.indexOf("\t")).split(" ");
      return [line.slice(line.indexOf("\t") + 1), `${mode} ${id}`];
    }),
  );
}

/** What an agent changed comes back though it told git not to look: to hide it from git is not to throw it away. */
async function removeFlags(folder: string, env: Env): Promise<void> {
  for (const line of splitNames(await must(["git", "ls-files", "-v", "-z"], folder, env))) {
    const path = line.slice(2);
    // In a sparse checkout the file is not there
    const isSkipped = /^[Ss] /.test(line) && isThere(folder, path);
    const flags = [/^[a-z] /.test(line) ? "assume-unchanged" : [], isSkipped ? "skip-worktree" : []].flat();
    for (const flag of flags) await run(["git", "update-index", `--no-${flag}`, "--", path], folder, env);
  }
}

/** Paths of files that are otherwise, new or gone. */
export function listChanged(before: WorkTree | undefined, after: WorkTree): string[] {
  const paths = new Set([...(before?.files.keys() ?? []), ...after.files.keys()]);
  return [...paths].filter((path) => before?.files.get(path) !== after.files.get(path));
}

/**
 * The tree of the commit that has the changes: its parent's, in which the changed paths are as `git add -A` has them. What it does not
 * take, since it is ignored, stays as in the parent.
 */
export function applyChanges(parent: Tree, added: Tree, changed: readonly string[], after: WorkTree): Tree {
  const tree = new Map(parent);
  for (const path of changed) {
    const entry = added.get(path);
    if (entry !== undefined) {
      for (const other of tree.keys())
        if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) tree.delete(other);
      tree.set(path, entry);
    } else if (!after.files.has(path)) tree.delete(path);
  }
  return tree;
}

/** Lines for people: what one has and the other has not. Empty if they are equal. */
export function compareTrees(
  wanted: Tree,
  found: Tree,
  isFree: (path: string) => boolean = () => false,
): string[] {
  const paths = [...new Set([...wanted.keys(), ...found.keys()])].filter((path) => !isFree(path));
  return paths.flatMap((path) => {
    const [a, b] = [wanted.get(path), found.get(path)];
    return a === b ? [] : [`${JSON.stringify(path)}: wanted ${a ?? "nothing"}, found ${b ?? "nothing"}`];
  });
}
