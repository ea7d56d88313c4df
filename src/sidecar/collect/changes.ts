/**
 * What an agent has changed in a work tree, path by path: what lies there now is not what lay there when it went in. What it committed comes
 * back as commits; a file that is as it was is nobody's work, whatever commit is checked out now.
 */
import type { WentIn, WentInFile } from "../../core/went-in.ts";
import type { AgentFiles } from "./agent-files.ts";
import { git } from "./git.ts";
import type { GitPlace } from "./git.ts";
import type { DiskView } from "./disk-changes.ts";
import type { TreeEntry } from "./edit-tree.ts";
import { meterFiles } from "./progress.ts";

/** Paths are bytes as latin1. */
export interface Changes {
  /** What the agent changed and is there, to be taken as it lies there */
  readonly present: ReadonlySet<string>;
  /** What the agent took away */
  readonly gone: ReadonlySet<string>;
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
  readonly hasModes: boolean;
  readonly onUnreadable: (path: string) => void;
}

export const linkMode = "160000";

/** Compares; reads only what may have changed. */
export async function findChanges(request: ChangesRequest): Promise<Changes> {
  const { wentIn, agent, others, disk, hasModes, onUnreadable } = request;
  const files = new Map(wentIn.files.flatMap((one) => (one.mode === linkMode ? [] : [[one.path, one]])));
  const indexed = [...agent.indexed].flatMap(([path, one]) => (one.mode === linkMode ? [] : [path]));
  const known = new Set([...indexed, ...others]);
  const earlier = wentIn.head.isResumed ? await findEarlier(request, files) : new Set<string>();
  const present = new Set<string>();
  const gone = new Set<string>();
  const paths = new Set([...files.keys(), ...known, ...earlier]);
  const count = meterFiles(paths.size);
  for (const path of paths) {
    count();
    const file = files.get(path);
    const kind = known.has(path) ? disk.look(path) : undefined;
    if (kind === "unreadable") onUnreadable(path);
    else if (kind !== undefined) {
      if (!file || disk.isChanged(file) || earlier.has(path)) present.add(path);
    } else if ((file && !agent.indexed.get(path)?.isUnwatched) || earlier.has(path)) gone.add(path);
  }
  return {
    present,
    gone,
    before(path) {
      const file = files.get(path);
      if (!file) return undefined;
      const id = file.isChanged ? file.rawId : (file.indexId ?? file.rawId);
      return { id, mode: hasModes ? file.mode : (agent.indexed.get(path)?.mode ?? file.mode) };
    },
  };
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
