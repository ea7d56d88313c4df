/** Linked worktrees that an agent made: what is checked out in each, and what is not committed there. */
import { join } from "node:path";
import { findGitFolder, listFolder, objectId, readSmall } from "./agent-git-folder.ts";
import { listAgentFiles } from "./agent-files.ts";
import { findCommits } from "./ask-git.ts";
import { readHead } from "./borrow-repository.ts";
import { tryGit } from "./git.ts";
import type { GitPlace } from "./git.ts";
import { createRefs } from "./own-refs.ts";
import { collectedRefs } from "../../protocol/collect.ts";
import { commitTree, takeChanges, writeTree } from "./work-tree.ts";

export interface LinkedWorktree {
  readonly name: string;
  /** Git's own folder for it */
  readonly own: string;
  /** Absolute path of its files */
  readonly folder: string;
}

const maxWorktrees = 100;

/** By the folders that git keeps for them. */
export function listWorktrees(common: string): LinkedWorktree[] {
  return listFolder(join(common, "worktrees"))
    .filter((entry) => entry.isDirectory() && !/[\0-\x20\x7f]/.test(entry.name))
    .slice(0, maxWorktrees)
    .map(({ name }) => {
      const own = join(common, "worktrees", name);
      const named = readSmall(join(own, "gitdir"))?.trimEnd() ?? "";
      return { name, own, folder: named.replace(/\/\.git$/, "") };
    });
}

export interface WorktreeRequest {
  readonly place: GitPlace;
  readonly refs: ReadonlyMap<string, string>;
  readonly title: string;
  /** Folder of the bottle that is at hand here; other worktrees left a commit, if anything */
  readonly reachable: string;
  /** Where those outside have left a commit of what was not committed, by name; undefined where nobody looked */
  readonly saved: string | undefined;
  /** Those outside have just done so */
  readonly hasSaved: boolean;
  readonly onOutside: (name: string) => void;
  /** A folder that cannot be read; see `listAgentFiles` */
  readonly unlock: (folder: string) => boolean;
  readonly onProblem: (text: string) => void;
}

/** Makes a ref for a detached head, and one for what is not committed. */
export async function collectWorktree(worktree: LinkedWorktree, request: WorktreeRequest): Promise<void> {
  const { place, refs, title } = request;
  const head = readHead(worktree.own);
  const id = head?.startsWith("refs/") ? refs.get(head) : head;
  if (id === undefined || !(await findCommits(place, [id])).has(id)) return;
  const stem = `${collectedRefs.worktrees}/${worktree.name}`;
  if (id === head) await createRefs(place, [[`${stem}/detached`, id]]);
  const commit = isWithin(worktree.folder, request.reachable)
    ? await commitFiles(
        worktree,
        id,
        request,
        `Uncommitted changes in worktree ${worktree.name} of ${title}\n`,
      )
    : readSaved(worktree, request);
  if (commit !== undefined) await createRefs(place, [[`${stem}/uncommitted`, commit]]);
}

/** What is not committed in a work tree that the agent made, with what its own index spares: a commit on top of `head`, if anything. */
export async function commitFiles(
  { own, folder, name }: LinkedWorktree,
  head: string,
  { place, unlock, onProblem }: Pick<WorktreeRequest, "place" | "unlock" | "onProblem">,
  message: string,
): Promise<string | undefined> {
  if (findGitFolder(folder)?.own !== own) return undefined;
  const index = `${place.gitFolder}/worktree-index`;
  const at: GitPlace = { ...place, workTree: folder, index };
  const files = await listAgentFiles({ place: at, own, head: Promise.resolve(head), unlock });
  const names = ["-z", "--name-only", "--no-renames", "--ignore-submodules=all"];
  const changed = await tryGit(at, ["diff-files", ...names]);
  const staged = await tryGit(at, ["diff-index", "--cached", ...names, head]);
  if (changed === undefined || staged === undefined) {
    onProblem(`${name}: git does not read its index`);
    return undefined;
  }
  const others = files.others.filter((path) => !path.endsWith("/"));
  const known = new Set([...files.indexed.keys(), ...others]);
  const paths = [...new Set([...split(changed), ...split(staged), ...others])];
  const changes = await takeChanges({
    place: { ...at, index: `${index}-files` },
    present: paths.filter((path) => known.has(path)),
    gone: paths.filter((path) => !known.has(path)),
    indexed: files.indexed,
  });
  return commitTree(place, head, await writeTree(place, head, changes), message);
}

/** Those outside of the volume were looked at by the agent's own container, before it ended. */
function readSaved(
  { name }: LinkedWorktree,
  { saved, hasSaved, onOutside }: WorktreeRequest,
): string | undefined {
  if (!hasSaved) onOutside(name);
  const id = saved === undefined ? undefined : readSmall(join(saved, name))?.trim();
  return id !== undefined && objectId.test(id) ? id : undefined;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function split(text: string): string[] {
  return text.split("\0").filter(Boolean);
}
