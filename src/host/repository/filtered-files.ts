/**
 * Files that a filter program makes (Git LFS, git-crypt): what a commit has of them is something else than what lies on the disk, and only
 * the program knows which belongs to which. No program is run here. So what the commit has goes in, as in a clone without the program.
 */
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { encodePath } from "../../core/byte-path.ts";
import { runGitBytes, runGitNames } from "../git.ts";
import type { Env } from "../git.ts";
import { filterNames } from "./carried-index.ts";
import type { RepositoryFacts } from "./read-repository.ts";

export interface FilteredFiles {
  /** As the index has them, so far as can be told */
  readonly asCommitted: ReadonlySet<string>;
  /** Changed since, or nobody can tell without the program */
  readonly unknown: ReadonlySet<string>;
}

const none: FilteredFiles = { asCommitted: new Set(), unknown: new Set() };

/** Looks for them; by the index as the user's git has left it. */
export async function findFiltered(facts: RepositoryFacts, env: Env): Promise<FilteredFiles> {
  const names = new Set(filterNames(facts.settings));
  const files = facts.tracked.filter(
    (one) => one.stage === 0 && one.mode.startsWith("100") && !one.isUnwatched,
  );
  if (names.size === 0 || files.length === 0) return none;
  const words = ["check-attr", "-z", "--stdin", "filter"];
  const input = encodePath(files.map((one) => `${one.path}\0`).join(""));
  const answer = (await runGitNames(facts.folder, words, env, { input })) ?? [];
  const filtered = answer.filter((_, index) => index % 3 === 0 && names.has(answer[index + 2] ?? ""));
  if (filtered.length === 0) return none;
  const noted = await readNoted(facts, env);
  const asCommitted = new Set<string>();
  const unknown = new Set<string>();
  for (const path of filtered) {
    const isSame = isAsNoted(join(facts.folder, path), noted.get(path));
    if (isSame !== undefined) (isSame ? asCommitted : unknown).add(path);
  }
  return { asCommitted, unknown };
}

interface Noted {
  readonly seconds: number;
  readonly size: number;
}

/** A file that is as young as the index counts as the same: a change in that very second that keeps the size is not to be seen. */
function isAsNoted(path: string, noted: Noted | undefined): boolean | undefined {
  try {
    const status = lstatSync(path);
    if (!status.isFile()) return undefined;
    return noted?.size === status.size && noted.seconds === Math.floor(status.mtimeMs / 1000) >>> 0;
  } catch {
    return undefined;
  }
}

/** What the index notes of each file's size and time. Their form is git's own (`ls-files --debug`). */
async function readNoted(facts: RepositoryFacts, env: Env): Promise<Map<string, Noted>> {
  const bytes = await runGitBytes(facts.folder, ["ls-files", "-z", "--debug"], env);
  const text = Buffer.from(bytes ?? []).toString("latin1");
  const pattern =
    /([^\0]+)\0 {2}ctime: [^\n]*\n {2}mtime: (\d+):\d+\n {2}dev: [^\n]*\n {2}uid: [^\n]*\n {2}size: (\d+)\t[^\n]*\n/g;
  const noted = new Map<string, Noted>();
  for (const [, name = "", seconds, size] of text.matchAll(pattern))
    noted.set(Buffer.from(name, "latin1").toString("utf8"), { seconds: Number(seconds), size: Number(size) });
  return noted;
}
