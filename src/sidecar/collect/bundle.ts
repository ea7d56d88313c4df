/** What is new in a repository, as a bundle. */
import { findCommits, git, GitFailure, tryGit } from "./git.ts";
import type { GitPlace } from "./git.ts";

/** Writes the bundle; false if nothing is new. A branch whose history is broken is left out and told. */
export async function writeBundle(
  place: GitPlace,
  file: string,
  tips: readonly string[],
  onProblem: (text: string) => void,
): Promise<boolean> {
  const names = (
    await git(place, ["for-each-ref", "--format=%(refname)", "refs/heads", "refs/claude-bottle"])
  )
    .split("\n")
    .filter(Boolean);
  // The agent may have thrown away what it was given; then more is sent than would be needed
  const known = await findCommits(place, tips);
  const without = tips.filter((id) => known.has(id));
  if (await tryBundle(place, file, names, without)) return true;
  // Either nothing is new, or one branch spoils the whole: only asking for each tells which
  const fresh: string[] = [];
  for (const name of names) {
    const outcome = await hasNews(place, name, without);
    if (outcome === "yes") fresh.push(name);
    else if (outcome !== "no") onProblem(`${name}: ${outcome}`);
  }
  if (fresh.length === 0) return false;
  if (await tryBundle(place, file, fresh, without)) return true;
  throw new GitFailure("git bundle cannot pack the new commits");
}

function tryBundle(
  place: GitPlace,
  file: string,
  names: readonly string[],
  without: readonly string[],
): Promise<boolean> {
  const input = Buffer.from(renderRevisions(names, without), "latin1");
  const words = ["bundle", "create", "--quiet", file, "--stdin"];
  return tryGit(place, words, { input }).then((answer) => answer !== undefined && names.length > 0);
}

async function hasNews(place: GitPlace, name: string, without: readonly string[]): Promise<string> {
  try {
    const input = Buffer.from(renderRevisions([name], without), "latin1");
    return (await git(place, ["rev-list", "--objects", "--stdin"], { input })) === "" ? "no" : "yes";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function renderRevisions(names: readonly string[], without: readonly string[]): string {
  return [...names, ...without.map((id) => `^${id}`)].map((line) => `${line}\n`).join("");
}
