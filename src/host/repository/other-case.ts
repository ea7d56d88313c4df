/**
 * Files whose names differ from a tracked one by case alone, where `core.ignoreCase` is set. Git takes the two for one, and so lists neither
 * the one that lies there nor, on a file system that tells them apart, finds the tracked one (git-config(1)).
 */
import { lstat } from "node:fs/promises";
import { runGitNames } from "../git.ts";
import type { Env } from "../git.ts";
import { pathFor } from "../open-folders.ts";

/** By an index without entries, since it is the index that hides them; patterns match as the user has them match */
const words = ["ls-files", "-z", "--others", "--exclude-standard"];
const noIndex = { variables: { GIT_INDEX_FILE: "/nonexistent/index" } };

/** Names that git left out of `others`, and that are no tracked file under another name. */
export async function findOtherCase(
  folder: string,
  tracked: readonly string[],
  others: readonly string[],
  env: Env,
): Promise<string[]> {
  const all = (await runGitNames(folder, words, env, noIndex)) ?? [];
  const listed = new Set([...tracked, ...others]);
  const more = all.filter((name) => !name.endsWith("/") && !listed.has(name));
  if (more.length === 0) return [];
  const byFold = Map.groupBy(tracked, fold);
  const isNew = async (name: string) => {
    const own = await identify(folder, name);
    const namesakes = await Promise.all((byFold.get(fold(name)) ?? []).map((path) => identify(folder, path)));
    return own !== undefined && !namesakes.includes(own);
  };
  const kept = await Promise.all(more.map(async (name) => ((await isNew(name)) ? [name] : [])));
  return kept.flat();
}

/** As git folds: ASCII alone. */
function fold(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Tells one file from another; undefined for none. */
async function identify(folder: string, path: string): Promise<string | undefined> {
  const status = await lstat(pathFor(`${folder}/${path}`), { bigint: true }).catch(() => undefined);
  return status && `${status.dev}:${status.ino}`;
}
