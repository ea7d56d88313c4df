/** Repositories inside a repository that it names itself: only those that are really there, and really inside. */
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { hasRepository, runGit } from "./git.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Submodules of submodules of submodules are as deep as anybody goes */
const maxDepth = 4;
const maxCount = 200;

/** Paths below `directory`, outer ones first. A submodule that was never fetched is an empty folder and left out. */
export async function findSubmodules(directory: string, env: Env): Promise<string[]> {
  const root = await realpath(directory);
  const found: string[] = [];
  const look = async (prefix: string, depth: number): Promise<void> => {
    const text = await runGit(join(root, prefix), ["ls-files", "-z", "--stage"], env);
    for (const line of (text ?? "").split("\0")) {
      if (!line.startsWith("160000 ") || found.length >= maxCount) continue;
      const path = join(prefix, line.slice(line.indexOf("\t") + 1));
      const folder = join(root, path);
      // An index is a file that anybody can have written, and a folder on the way may have become a link
      if (path.startsWith("..") || (await realpath(folder).catch(() => "")) !== folder) continue;
      if (found.includes(path) || !(await hasRepository(folder, env))) continue;
      found.push(path);
      if (depth < maxDepth) await look(path, depth + 1);
    }
  };
  await look("", 1);
  return found;
}
