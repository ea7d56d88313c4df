/** Which files of a repository go into a bottle, and from where each comes: the disk, or the commit. */
import type { Stats } from "node:fs";
import { makeDiskLook } from "../disk-files.ts";
import type { DiskFile } from "../disk-files.ts";
import { runGitNames } from "../git.ts";
import type { Env } from "../git.ts";
import { isPlainPath } from "../plain-path.ts";
import { findFiltered } from "./filtered-files.ts";
import type { RepositoryFacts } from "./read-repository.ts";
import { gitlinkMode } from "./tracked.ts";
import type { Tracked } from "./tracked.ts";

export type PlannedFile =
  | {
      readonly from: "disk";
      readonly file: DiskFile & { status: Stats };
      readonly tracked: Tracked | undefined;
    }
  /** What the index has for it */
  | { readonly from: "index"; readonly file: DiskFile & { status: Stats }; readonly tracked: Tracked };

export interface PlannedFiles {
  readonly files: readonly PlannedFile[];
  /** Folders that are there and hold nothing that goes in */
  readonly folders: readonly string[];
  /** Tracked files that a filter made, which go in as the commit has them */
  readonly asCommitted: ReadonlySet<string>;
  /** Tracked files that the manifest leaves out */
  readonly absent: ReadonlySet<string>;
  /** For the plan: what does not go in as it is, by reason */
  readonly odd: Readonly<Record<"filtered" | "special" | "unreadable" | "unwatched", readonly string[]>>;
}

/** Looks at every file; `exclude` are patterns as in a .gitignore. */
export async function planFiles(
  facts: RepositoryFacts,
  exclude: readonly string[],
  env: Env,
): Promise<PlannedFiles> {
  const [filtered, excluded] = await Promise.all([
    findFiltered(facts, env),
    findExcluded(facts, exclude, env),
  ]);
  const look = makeDiskLook(facts.folder);
  const files: PlannedFile[] = [];
  const folders = facts.emptyFolders.filter(isPlainPath);
  const odd = {
    filtered: [...filtered.unknown],
    special: [] as string[],
    unreadable: [] as string[],
    unwatched: [] as string[],
  };
  const byPath = new Map(facts.tracked.map((one) => [one.path, one]));
  for (const path of [...byPath.keys(), ...facts.untracked]) {
    const tracked = byPath.get(path);
    if (!isPlainPath(path) || excluded.has(path)) continue;
    const file = look(path);
    if (file.kind === "folder" && tracked?.mode === gitlinkMode) folders.push(path);
    if (file.kind === "special" || file.kind === "unreadable") odd[file.kind].push(path);
    if (file.kind !== "file" && file.kind !== "symlink") continue;
    if (tracked?.isUnwatched) odd.unwatched.push(path);
    if (tracked && (tracked.isUnwatched || filtered.asCommitted.has(path)))
      files.push({ from: "index", file, tracked });
    else files.push({ from: "disk", file, tracked });
  }
  const absent = new Set([...excluded].filter((path) => byPath.has(path)));
  return { files, folders, asCommitted: filtered.asCommitted, absent, odd };
}

/** Git itself says which names a pattern means. */
async function findExcluded(
  facts: RepositoryFacts,
  exclude: readonly string[],
  env: Env,
): Promise<Set<string>> {
  if (exclude.length === 0) return new Set();
  const patterns = exclude.flatMap((pattern) => ["-x", pattern]);
  const list = (which: string) =>
    runGitNames(facts.folder, ["ls-files", "-z", which, "--ignored", ...patterns], env);
  const [tracked, others] = await Promise.all([list("--cached"), list("--others")]);
  return new Set([...(tracked ?? []), ...(others ?? [])]);
}
