/**
 * The index on its way into a bottle: the user's own, with all its flags, stages and what it notes of each file, so that git in the bottle
 * knows the files without reading them. Git brings a copy up to date here, where reading is fast; filters are switched off for that.
 */
import { utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodePath } from "../../core/byte-path.ts";
import { runGit, runGitNames } from "../git.ts";
import type { Env } from "../git.ts";
import type { RepositoryFacts } from "./read-repository.ts";

export interface CarriedIndex {
  /** Absolute; undefined for a repository without one */
  readonly file: string | undefined;
  /** Tracked files that are not as the index has them, as far as git tells without a filter */
  readonly changed: ReadonlySet<string>;
  /** Environment that makes git use the copy, and run no filter */
  readonly variables: Readonly<Record<string, string>>;
}

/** Makes the copy in `scratch`. */
export async function copyIndex(facts: RepositoryFacts, scratch: string, env: Env): Promise<CarriedIndex> {
  const { folder, index } = facts;
  const file = join(scratch, "index");
  const variables = { ...withoutFilters(facts.settings, env), GIT_INDEX_FILE: file };
  if (!index) return { file: undefined, changed: new Set(), variables };
  await writeFile(file, index.bytes);
  // Git takes a file that is as young as the index for one that may have changed since, without a sign
  await utimes(file, index.changedAt, index.changedAt);
  const more = { variables };
  const plain = ["--no-split-index", "--no-untracked-cache", "--ignore-submodules"];
  await runGit(folder, ["update-index", ...plain, "-q", "--refresh"], env, more);
  const words = ["diff-files", "-z", "--name-only", "--no-renames", "--ignore-submodules=all"];
  const changed = await runGitNames(folder, words, env, more);
  return { file, changed: new Set(changed ?? facts.tracked.map((one) => one.path)), variables };
}

/** Of these files the index is to note nothing but what is in them: another content goes in for them than lies on the disk. */
export async function forgetTimes(
  facts: RepositoryFacts,
  { file, variables }: CarriedIndex,
  paths: ReadonlySet<string>,
  env: Env,
): Promise<void> {
  if (file === undefined || paths.size === 0) return;
  const lines = facts.tracked
    .filter((one) => paths.has(one.path) && one.stage === 0 && !one.isUnwatched)
    .map((one) => `${one.mode} ${one.id} 0\t${one.path}\0`);
  await feed(facts.folder, ["update-index", "-z", "--index-info"], lines, variables, env);
}

/** These files stay out, and git in the bottle shall not take them for deleted. */
export async function markAbsent(
  facts: RepositoryFacts,
  { file, variables }: CarriedIndex,
  paths: ReadonlySet<string>,
  env: Env,
): Promise<void> {
  if (file === undefined || paths.size === 0) return;
  const lines = [...paths].map((path) => `${path}\0`);
  await feed(facts.folder, ["update-index", "-z", "--skip-worktree", "--stdin"], lines, variables, env);
}

async function feed(
  folder: string,
  words: readonly string[],
  lines: readonly string[],
  variables: Readonly<Record<string, string>>,
  env: Env,
): Promise<void> {
  await runGit(folder, words, env, { input: encodePath(lines.join("")), variables });
}

/** Settings that leave every filter without a program; given by environment, since their names may hold a `=`. */
function withoutFilters(settings: RepositoryFacts["settings"], env: Env): Record<string, string> {
  const names = filterNames(settings);
  const given = Number(env["GIT_CONFIG_COUNT"] ?? 0) || 0;
  const added = names.flatMap((name) => [
    ...["clean", "smudge", "process"].map((key) => [`filter.${name}.${key}`, ""] as const),
    [`filter.${name}.required`, "false"] as const,
  ]);
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(given + added.length) };
  for (const [index, [key, value]] of added.entries()) {
    variables[`GIT_CONFIG_KEY_${given + index}`] = key;
    variables[`GIT_CONFIG_VALUE_${given + index}`] = value;
  }
  return variables;
}

/** Of the filters that have a program. */
export function filterNames(settings: RepositoryFacts["settings"]): string[] {
  const names = settings.flatMap(
    ([key]) => /^filter\.([^]+)\.(?:clean|smudge|process|required)$/.exec(key)?.[1] ?? [],
  );
  return [...new Set(names)];
}
