/** What is new in a repository, as a bundle. */
import { findCommits } from "./ask-git.ts";
import { git, GitFailure, tryGit } from "./git.ts";
import type { GitPlace } from "./git.ts";
import { maxRefs } from "./agent-refs.ts";
import { findExcess } from "./measure.ts";
import type { FewObjects } from "./measure.ts";
import { writeOwnBundle } from "./own-bundle.ts";
import { listRefs } from "./own-refs.ts";

export interface BundleRequest {
  readonly place: GitPlace;
  /** Is made */
  readonly file: string;
  /** Commits that went in */
  readonly tips: readonly string[];
  /** The user has thrown such commits away, so their history is sent as well */
  readonly hasHistory: boolean;
  readonly onProblem: (text: string) => void;
}

/**
 * Writes the bundle; false if nothing is new. A branch whose history is broken is left out and told, and so is one with which the whole
 * would be out of measure.
 */
export async function writeBundle(request: BundleRequest): Promise<boolean> {
  const { place, file, hasHistory, onProblem } = request;
  const found = listRefs(place, ["refs/heads", "refs/claude-bottle"]).toSorted((a, b) => rank(a) - rank(b));
  const all = found.slice(0, maxRefs);
  if (found.length > maxRefs)
    onProblem(`${found.length - maxRefs} branches and tags: at most ${maxRefs} are taken`);
  // The agent may have thrown away what it was given; then more is sent than would be needed
  const known = [...(await findCommits(place, request.tips))];
  const without = hasHistory ? [] : known;
  let few: FewObjects | undefined;
  const names = await keepInMeasure(request, all, known, (found) => {
    few = found;
  });
  const isSmall = few !== undefined && !hasHistory && names.length === all.length;
  if (isSmall && few && (await writeOwnBundle(place, file, names, few).catch(() => false))) return true;
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

/** What is not committed goes before branches, and these before tags and notes. */
function rank(name: string): number {
  if (/^refs\/claude-bottle\/(?:tags|notes)\//.test(name)) return 2;
  return name.startsWith("refs/heads/") ? 1 : 0;
}

/** The names of which all together are in measure; those in front go first. Halves are tried, so that one name of many is found soon. */
async function keepInMeasure(
  { place, onProblem }: BundleRequest,
  names: readonly string[],
  known: readonly string[],
  onFew: (few: FewObjects) => void,
): Promise<readonly string[]> {
  const kept: string[] = [];
  const measure = (some: readonly string[]) => findExcess(place, [...kept, ...some], known);
  const add = async (some: readonly string[], problem: string | undefined): Promise<void> => {
    if (problem === undefined) kept.push(...some);
    else if (some.length === 1)
      onProblem(`${some[0]}: ${kept.length === 0 ? "" : "with the others, "}${problem}`);
    else {
      const [first, second] = [some.slice(0, some.length >> 1), some.slice(some.length >> 1)];
      const ofFirst = await measure(first);
      await add(first, ofFirst);
      // If all of the first half was taken, the second is what spoils both
      await add(second, ofFirst === undefined ? problem : await measure(second));
    }
  };
  await add(names, await findExcess(place, names, known, onFew));
  return kept;
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
