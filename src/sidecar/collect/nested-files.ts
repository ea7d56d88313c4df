/** Untracked files, also those of a repository that the agent made inside: git stops there, and its files are looked for as in any folder. */
import { git } from "./git.ts";
import type { GitPlace } from "./git.ts";
import { tell } from "./problems.ts";

export interface NestedRequest {
  readonly place: GitPlace;
  readonly emptyGitFolder: string;
  /** Folders that are collected by themselves; bytes as latin1, relative to the work tree */
  readonly skipped: readonly string[];
}

export interface NestedFiles {
  readonly others: readonly string[];
  /** Folders of repositories that are collected by nobody else */
  readonly inner: readonly string[];
}

/** `listed` is what git lists, folders of repositories with a slash at the end. */
export async function listOthers(listed: readonly string[], request: NestedRequest): Promise<NestedFiles> {
  const inner: string[] = [];
  return { others: await listBelow(listed, request, "", inner), inner };
}

async function listBelow(
  listed: readonly string[],
  request: NestedRequest,
  prefix: string,
  inner: string[],
): Promise<string[]> {
  const { place, emptyGitFolder, skipped } = request;
  const found: string[] = [];
  for (const name of listed) {
    const path = prefix + name;
    if (!name.endsWith("/")) {
      found.push(path);
      continue;
    }
    const folder = path.slice(0, -1);
    if (skipped.includes(folder)) continue;
    inner.push(folder);
    const workTree = `${place.workTree}/${Buffer.from(folder, "latin1").toString("utf8")}`;
    const inside = { ...place, gitFolder: emptyGitFolder, workTree, index: `${emptyGitFolder}/index` };
    try {
      const names = await git(inside, ["ls-files", "-z", "--others", "--exclude-standard"]);
      found.push(...(await listBelow(names.split("\0").filter(Boolean), request, path, inner)));
    } catch (error) {
      tell(`${folder}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return found;
}
