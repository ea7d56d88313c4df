/** Commits that only a reflog still knows: amended, reset away, or of a branch that was deleted. */
import { join } from "node:path";
import { listFolder, objectId, readSmall } from "./agent-git-folder.ts";
import { readRemotes } from "./agent-refs.ts";
import { findCommits } from "./ask-git.ts";
import { tryGit } from "./git.ts";
import type { GitPlace } from "./git.ts";

/** Newest first; an agent with more has thrown away more than anybody will look at */
const maxLogged = 5_000;
const maxLost = 100;
const maxLogBytes = 4 * 1024 * 1024;

/** The heads of what would be lost, newest first. `kept`: names or ids of what comes back anyhow or was there before. */
export async function findLost(place: GitPlace, common: string, kept: readonly string[]): Promise<string[]> {
  const logged = [...new Set(listLogs(common).flatMap(readLog))].slice(0, maxLogged);
  const fresh = logged.filter((id) => !kept.includes(id));
  if (fresh.length === 0) return [];
  const commits = await findCommits(place, fresh);
  const candidates = fresh.filter((id) => commits.has(id));
  if (candidates.length === 0) return [];
  const known = await findCommits(place, readRemotes(common));
  const without = [...kept, ...known].map((id) => `^${id}`);
  const input = [...candidates, ...without].map((line) => `${line}\n`).join("");
  const text = await tryGit(place, ["rev-list", "--parents", "--stdin"], { input });
  const lines = (text ?? "")
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" "));
  const parents = new Set(lines.flatMap(([, ...ids]) => ids));
  const lost = new Set(lines.flatMap(([id = ""]) => (parents.has(id) ? [] : [id])));
  return candidates.filter((id) => lost.has(id)).slice(0, maxLost);
}

/** Not the remotes', whose commits are on the remote, nor the stash's, whose entries come back by themselves. */
function listLogs(common: string): string[] {
  const found: string[] = [join(common, "logs/HEAD")];
  const walk = (folder: string): void => {
    for (const entry of listFolder(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else found.push(path);
    }
  };
  walk(join(common, "logs/refs/heads"));
  for (const { name } of listFolder(join(common, "worktrees")))
    found.push(join(common, "worktrees", name, "logs/HEAD"));
  return found.slice(0, 1_000);
}

/** Each line begins with the ids before and after. */
function readLog(path: string): string[] {
  const lines = (readSmall(path, maxLogBytes) ?? "").split("\n").toReversed();
  return lines
    .flatMap((line) => line.split(" ", 2).toReversed())
    .filter((id) => objectId.test(id) && /[^0]/.test(id));
}
