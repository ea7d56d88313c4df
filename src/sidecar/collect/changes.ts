/** What an agent has changed in a work tree, path by path: against what went in, and against the commit that went in. */
import type { WentIn, WentInFile } from "../../core/went-in.ts";
import type { AgentFiles } from "./agent-files.ts";
import { git } from "./git.ts";
import type { GitPlace } from "./git.ts";
import type { DiskView } from "./disk-changes.ts";

/** An entry of a tree. */
export interface TreeEntry {
  readonly mode: string;
  readonly id: string;
}

/** Paths are bytes as latin1. */
export interface Changes {
  /** What the agent changed and is there, to be taken as it lies there */
  readonly present: ReadonlySet<string>;
  /** What the agent took away */
  readonly gone: ReadonlySet<string>;
  /** Committed otherwise than it was, and not in the work tree, as in a sparse checkout */
  readonly apart: ReadonlySet<string>;
  /** What a path was before the agent; undefined for nothing */
  before(path: string): TreeEntry | undefined;
}

export interface ChangesRequest {
  readonly place: GitPlace;
  readonly wentIn: WentIn;
  readonly agent: AgentFiles;
  /** Untracked files that are not ignored */
  readonly others: readonly string[];
  readonly disk: DiskView;
  readonly head: string | undefined;
  readonly hasModes: boolean;
  readonly onUnreadable: (path: string) => void;
}

export const linkMode = "160000";

/** Compares; reads only what may have changed. */
export async function findChanges(request: ChangesRequest): Promise<Changes> {
  const { wentIn, agent, others, disk, head, hasModes, onUnreadable } = request;
  const files = new Map(wentIn.files.flatMap((one) => (one.mode === linkMode ? [] : [[one.path, one]])));
  const indexed = [...agent.indexed].flatMap(([path, one]) => (one.mode === linkMode ? [] : [path]));
  const known = new Set([...indexed, ...others]);
  const committed = await findCommitted(request);
  const earlier = wentIn.head.isResumed ? await findEarlier(request, files) : new Set<string>();
  // Without a commit below it, all that is there is new
  const isOrphan = head === undefined && wentIn.head.commit !== "";
  const present = new Set<string>();
  const gone = new Set<string>();
  const apart = new Set<string>();
  for (const path of new Set([...files.keys(), ...known, ...committed.keys(), ...earlier])) {
    const file = files.get(path);
    const kind = known.has(path) ? disk.look(path) : undefined;
    if (kind === "unreadable") {
      onUnreadable(path);
      continue;
    }
    const isThere = kind !== undefined;
    const isUnwatched = agent.indexed.get(path)?.isUnwatched === true;
    const isChanged = isThere
      ? file === undefined || disk.isChanged(file)
      : file !== undefined && !isUnwatched;
    const old = committed.get(path);
    if (!isChanged && !old && !isOrphan && !earlier.has(path)) continue;
    if (isThere) present.add(path);
    else if (isUnwatched || (!isChanged && old?.before && !earlier.has(path))) apart.add(path);
    else gone.add(path);
  }
  return {
    present,
    gone,
    apart,
    before(path) {
      const file = files.get(path);
      if (!file) return apart.has(path) ? committed.get(path)?.before : undefined;
      const id = file.isChanged ? file.rawId : (file.indexId ?? file.rawId);
      return { id, mode: hasModes ? file.mode : (agent.indexed.get(path)?.mode ?? file.mode) };
    },
  };
}

interface Committed {
  /** In the commit that went in */
  readonly before: TreeEntry | undefined;
}

/** Paths that the agent's commit has otherwise than the one that went in. */
async function findCommitted({ place, wentIn, head }: ChangesRequest): Promise<Map<string, Committed>> {
  const from = wentIn.head.commit;
  const found = new Map<string, Committed>();
  if (head === undefined || head === from) return found;
  const words = ["diff-tree", "-r", "-z", "--no-renames", "--raw", "--no-abbrev"];
  const text = await git(place, [...words, from === "" ? await emptyTree(place) : from, head]);
  const parts = text.split("\0");
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, mode = "", id = ""] = /^:(\d{6}) \d{6} ([0-9a-f]+) /.exec(parts[at] ?? "") ?? [];
    if (mode === linkMode) continue;
    found.set(parts[at + 1] ?? "", { before: /[1-9]/.test(mode) ? { mode, id } : undefined });
  }
  return found;
}

/** What an earlier session of the same work had not committed: it counts as changed until it is. */
async function findEarlier(
  { place, wentIn }: ChangesRequest,
  files: ReadonlyMap<string, WentInFile>,
): Promise<Set<string>> {
  const changed = wentIn.files
    .filter((one) => one.isChanged || one.indexId === undefined)
    .map((one) => one.path);
  if (wentIn.head.commit === "") return new Set(changed);
  const names = await git(place, ["ls-tree", "-r", "-z", "--name-only", "--full-tree", wentIn.head.commit]);
  const deleted = names.split("\0").filter((name) => name !== "" && !files.has(name));
  return new Set([...changed, ...deleted]);
}

export function emptyTree(place: GitPlace): Promise<string> {
  return git(place, ["hash-object", "-w", "-t", "tree", "--stdin"]).then((id) => id.trim());
}
