/** A repository and those inside it: submodules that were fetched, and repositories that the one around them does not know. */
import { lstat, realpath } from "node:fs/promises";
import { join } from "node:path";
import { hasRepository } from "../git.ts";
import type { Env } from "../git.ts";
import { isPlainPath } from "../plain-path.ts";
import { readRepository } from "./read-repository.ts";
import type { RepositoryFacts } from "./read-repository.ts";
import { gitlinkMode } from "./tracked.ts";

/** Submodules of submodules of submodules are as deep as anybody goes */
const maxDepth = 4;
const maxCount = 200;

export interface FoundRepositories {
  /** Outer ones first */
  readonly repositories: readonly RepositoryFacts[];
  /** Folders whose repository stays out, relative to the workspace, each with a reason */
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
}

/** `root` is the root of a repository, absolute and without links. */
export async function findRepositories(root: string, env: Env): Promise<FoundRepositories> {
  const repositories: RepositoryFacts[] = [];
  const leftOut: { path: string; reason: string }[] = [];
  const look = async (path: string, depth: number): Promise<void> => {
    const facts = await readRepository(join(root, path), path, env);
    repositories.push(facts);
    const links = facts.tracked.filter((one) => one.mode === gitlinkMode).map((one) => one.path);
    for (const name of new Set([...links, ...facts.nested])) {
      const inner = path === "" ? name : `${path}/${name}`;
      const state = isPlainPath(name) ? await lookAt(root, inner, env) : "absent";
      if (state === "absent") continue;
      if (state !== "own") leftOut.push({ path: inner, reason: state });
      else if (repositories.length >= maxCount)
        leftOut.push({ path: inner, reason: `more than ${maxCount} repositories` });
      else if (depth >= maxDepth)
        leftOut.push({ path: inner, reason: `more than ${maxDepth} repositories inside each other` });
      else await look(inner, depth + 1);
    }
  };
  await look("", 0);
  return { repositories, leftOut };
}

/** `own`, `absent` for a submodule that was never fetched, or why it is not taken. Throws for one that is another's. */
async function lookAt(root: string, path: string, env: Env): Promise<string> {
  const folder = join(root, path);
  // An index is a file that anybody can have written, and a folder on the way may have become a link
  if ((await realpath(folder).catch(() => "")) !== folder) return "absent";
  if (!(await lstat(join(folder, ".git")).catch(() => undefined))) return "absent";
  return (await hasRepository(folder, env)) ? "own" : "git does not read it";
}
