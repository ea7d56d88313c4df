/** Commits of repositories inside, as entries of the one around them. */
import type { WentIn } from "../../core/went-in.ts";
import type { AgentFiles } from "./agent-files.ts";
import { linkMode } from "./changes.ts";
import type { GitPlace } from "./git.ts";

export interface NestedRepository {
  readonly path: string;
  /** Commit that went in, and the one that is checked out now */
  readonly before: string;
  readonly head: string | undefined;
}

export interface LinksRequest {
  readonly wentIn: WentIn;
  readonly agent: AgentFiles;
  readonly nested: readonly NestedRepository[];
  /** Folders of linked worktrees, whose commits come back by refs of their own; bytes as latin1, relative to the work tree */
  readonly worktrees: readonly string[];
  readonly place: GitPlace;
}

/** Path to commit of those that are not as they were; undefined for one that was taken away. */
export function findLinks({
  wentIn,
  agent,
  nested,
  worktrees,
  place,
}: LinksRequest): Map<string, string | undefined> {
  const there = wentIn.files.filter((one) => one.mode === linkMode);
  const before = new Map([...wentIn.absent, ...there.map((one) => [one.path, one.rawId] as const)]);
  const links = new Map<string, string | undefined>();
  for (const [path, one] of agent.indexed) {
    if (one.mode !== linkMode || worktrees.includes(path)) continue;
    const inside = nested.find((repository) => repository.path === path);
    const now = inside ? inside.head : one.id;
    if (now !== undefined && now !== (inside ? inside.before : before.get(path))) links.set(path, now);
  }
  // One whose folder was gone already is none that the agent took away
  for (const { path } of there) if (!agent.indexed.has(path)) links.set(path, undefined);
  // Not in the index, and not ignored: what `git add` would make of it
  for (const { path, before: earlier, head } of nested)
    if (head !== undefined && head !== earlier && agent.others.includes(`${path}/`)) links.set(path, head);
  return keepNameable(links, place.objectFormat === "sha256" ? 64 : 40);
}

/** No entry can name a commit of a repository whose ids are of another kind. */
function keepNameable(links: ReadonlyMap<string, string | undefined>, idLength: number) {
  return new Map([...links].filter(([, id]) => id === undefined || id.length === idLength));
}
