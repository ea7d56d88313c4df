/** Commits that only a reflog still knows: amended, reset away, or of a branch that was deleted. */
import { join } from "node:path";
import { listFolder, objectId, readSmall } from "./agent-git-folder.ts";
import { readRemotes } from "./agent-refs.ts";
import { findCommits, readObjects } from "./ask-git.ts";
import { tryGit } from "./git.ts";
import type { GitPlace } from "./git.ts";

/** Newest first; an agent with more has thrown away more than anybody will look at */
const maxLogged = 5_000;
const maxLost = 100;
const maxLogBytes = 4 * 1024 * 1024;
/** What an agent has committed in one session is mostly less, and read before a git has started that walks */
const maxWalked = 200;

/** The heads of what would be lost, newest first. `kept`: ids of what comes back anyhow or was there before; `tips`: those of them that are new. */
export async function findLost(
  place: GitPlace,
  common: string,
  kept: readonly string[],
  tips: readonly string[],
): Promise<string[]> {
  const logged = [...new Set(listLogs(common).flatMap(readLog))].slice(0, maxLogged);
  const fresh = logged.filter((id) => !kept.includes(id));
  if (fresh.length === 0) return [];
  const commits = await findCommits(place, fresh);
  const candidates = fresh.filter((id) => commits.has(id));
  if (candidates.length === 0 || (await areBelow(place, candidates, kept, tips))) return [];
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

/** True if all candidates are found on a short walk back from the tips; false says nothing. */
async function areBelow(
  place: GitPlace,
  candidates: readonly string[],
  kept: readonly string[],
  tips: readonly string[],
): Promise<boolean> {
  const sought = new Set(candidates);
  const ends = new Set(kept);
  const seen = new Set(tips);
  try {
    for (let layer = [...seen]; layer.length > 0 && seen.size <= maxWalked;) {
      const commits = [...(await findCommits(place, layer))];
      for (const id of commits) sought.delete(id);
      if (sought.size === 0) return true;
      const parents = (await readObjects(place, commits, "commit")).flatMap(parentsOf);
      layer = [...new Set(parents)].filter((id) => !ends.has(id) && !seen.has(id));
      for (const id of layer) seen.add(id);
    }
  } catch {
    // A history with holes
  }
  return false;
}

function parentsOf(commit: Buffer): string[] {
  const [head = ""] = commit.toString("latin1").split("\n\n", 1);
  return [...head.matchAll(/^parent ([0-9a-f]{40,64})$/gm)].map(([, id = ""]) => id);
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
