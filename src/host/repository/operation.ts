/**
 * A merge, rebase, cherry-pick, revert, bisect or am that is under way: git keeps it in files beside the index, which go in as they are.
 * What they name but no ref holds, such as a commit that is being rebased, has to come along.
 */
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { runGit } from "../git.ts";
import type { Env } from "../git.ts";
import type { RepositoryFacts } from "./read-repository.ts";
import { findBytes } from "./user-lists.ts";

export interface OperationFile {
  /** Below the git folder */
  readonly path: string;
  readonly content: Buffer;
}

/** gitrepository-layout(5) and what git itself removes at an operation's end (`remove_branch_state`) */
const files = [
  "MERGE_HEAD",
  "MERGE_MSG",
  "MERGE_MODE",
  "MERGE_RR",
  "AUTO_MERGE",
  "SQUASH_MSG",
  "CHERRY_PICK_HEAD",
  "REVERT_HEAD",
  "REBASE_HEAD",
  "BISECT_LOG",
  "BISECT_NAMES",
  "BISECT_START",
  "BISECT_TERMS",
  "BISECT_EXPECTED_REV",
  "BISECT_HEAD",
  "BISECT_ANCESTORS_OK",
  "BISECT_FIRST_PARENT",
] as const;
const folders = ["rebase-merge", "rebase-apply", "sequencer"] as const;
/** Of these a ref store of another kind has no file */
const heads = ["CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD", "BISECT_HEAD", "AUTO_MERGE"] as const;
const maxFileBytes = 16 * 1024 * 1024;

/** Everything that there is of it. */
export async function readOperation(
  { folder, gitFolder, settings }: Pick<RepositoryFacts, "folder" | "gitFolder" | "settings">,
  env: Env,
): Promise<OperationFile[]> {
  const isReftable = settings.some(([key, value]) => key === "extensions.refstorage" && value === "reftable");
  const found: OperationFile[] = [];
  const take = async (path: string) => {
    if ((await lstat(join(gitFolder, path)).catch(() => undefined))?.isFile() !== true) return;
    const content = await findBytes(join(gitFolder, path), maxFileBytes);
    if (content) found.push({ path, content });
  };
  for (const name of files) await take(name);
  for (const name of folders) {
    if ((await lstat(join(gitFolder, name)).catch(() => undefined))?.isDirectory() !== true) continue;
    const entries = await readdir(join(gitFolder, name), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (entry.isFile()) await take(join(entry.parentPath, entry.name).slice(gitFolder.length + 1));
    }
  }
  for (const name of isReftable ? heads : []) {
    if (found.some((one) => one.path === name)) continue;
    const id = await runGit(folder, ["rev-parse", "--verify", "--quiet", name], env);
    if (id !== undefined) found.push({ path: name, content: Buffer.from(id) });
  }
  return found;
}

/**
 * The last line of HEAD's log that says from where it came: by it git tells of a detached head where that was. No other line goes in, since
 * they name what was thrown away.
 */
export async function readDetachment(
  { folder, head, branch }: Pick<RepositoryFacts, "folder" | "head" | "branch">,
  env: Env,
): Promise<string | undefined> {
  if (branch !== "" || head === "") return undefined;
  const subjects = await runGit(folder, ["reflog", "show", "--format=%H %gs", "HEAD"], env);
  const lines = subjects?.split("\n") ?? [];
  const [, id, last] =
    lines.flatMap((line) => [/^([0-9a-f]+) (checkout: moving from .+)$/.exec(line)]).find(Boolean) ?? [];
  if (id === undefined || last === undefined) return undefined;
  // A commit that nothing leads to any more, as where a rebase has moved on, would be taken for one that the agent lost
  const unknown = await runGit(folder, ["rev-list", "--max-count=1", id, "--not", "HEAD", "--all"], env);
  if (unknown !== "") return undefined;
  return `${id} ${id} claude-bottle <claude-bottle@localhost> 1 +0000\t${last}\n`;
}

/** Every object that the files name. */
export function namedObjects(operation: readonly OperationFile[]): string[] {
  const ids = operation.flatMap(({ content }) =>
    content.length > maxFileBytes
      ? []
      : [...content.toString("latin1").matchAll(/\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g)].map(([id]) => id),
  );
  return [...new Set(ids)];
}
