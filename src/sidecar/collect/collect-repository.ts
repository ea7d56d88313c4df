/** One repository of a bottle, or a folder without one: what of it is the agent's. */
import { chmodSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RepositoryBase } from "../../core/repository-base.ts";
import { parseWentIn } from "../../core/went-in.ts";
import type { WentIn } from "../../core/went-in.ts";
import { listAgentFiles } from "./agent-files.ts";
import type { AgentFiles } from "./agent-files.ts";
import { beginQuestions } from "./ask-git.ts";
import { borrowRefs, borrowRepository } from "./borrow-repository.ts";
import type { BorrowedRepository, OwnRepository } from "./borrow-repository.ts";
import { findChanges, linkMode } from "./changes.ts";
import type { Changes } from "./changes.ts";
import { viewDisk } from "./disk-changes.ts";
import type { DiskView } from "./disk-changes.ts";
import type { TreeChanges } from "./edit-tree.ts";
import { findLinks } from "./links.ts";
import { lookAhead } from "./look-ahead.ts";
import type { KnownStatuses } from "./look-ahead.ts";
import type { NestedRepository } from "./links.ts";
import { listWorktrees } from "./linked-worktrees.ts";
import type { LinkedWorktree } from "./linked-worktrees.ts";
import { listOthers } from "./nested-files.ts";
import { tell } from "./problems.ts";
import { tellStage } from "./progress.ts";
import type { CollectRequest } from "../../protocol/collect.ts";
import { takeChanges, writeTree } from "./work-tree.ts";

export interface RepositoryTask {
  readonly request: CollectRequest;
  /** Undefined for what the agent made of a folder without one */
  readonly base: RepositoryBase | undefined;
  /** Its place in the request's list; -1 without a base */
  readonly number: number;
  readonly workTree: string;
  /** The agent took the folder away: `workTree` is an empty one in its place */
  readonly isGone: boolean;
  /** A folder that is not there yet */
  readonly gitFolder: string;
  /** Repositories inside that are collected by themselves; paths relative to the work tree, bytes as latin1 */
  readonly nested: readonly NestedRepository[];
  /** An empty git folder */
  readonly emptyGitFolder: string;
}

export interface Collected {
  readonly task: RepositoryTask;
  readonly repository: BorrowedRepository;
  /** Undefined if nobody knows any more, or nobody noted it */
  readonly wentIn: WentIn | undefined;
  readonly worktrees: readonly LinkedWorktree[];
  readonly agent: AgentFiles;
  readonly others: readonly string[];
  /** Repositories that the agent made inside; bytes as latin1 */
  readonly inner: readonly string[];
  /** Against what went in; undefined if that is not known */
  readonly changes: Changes | undefined;
  /** The changes as entries of a tree; without repositories inside */
  readonly taken: TreeChanges;
  /** Work tree as a tree; undefined if nothing was changed in it, or only what was changed is asked for */
  readonly tree: string | undefined;
}

/** Reads everything and writes into `gitFolder` only. */
export async function collectRepository(task: RepositoryTask): Promise<Collected> {
  const { request, base, workTree, gitFolder, nested } = task;
  const note = base && readWentIn(task);
  const own = borrowRepository({
    workTree,
    gitFolder,
    objectFormat: base?.objectFormat ?? "sha1",
    timeoutMs: request.limits.commandMs,
    alsoBorrow: [request.before, note?.folder].flatMap((folder) => (folder ? [join(folder, "objects")] : [])),
    wentIn: note?.wentIn,
  });
  const isBack = request.task === "bring-back";
  const borrow = () => borrowRefs(own, note?.wentIn, isBack);
  if (task.isGone) return withoutFiles(task, { ...own, ...(await borrow()) }, note?.wentIn);
  tellStage("list");
  const ahead = request.mayUnlock ? undefined : lookAhead(workTree, listPaths(note?.wentIn));
  // None waits for another. To start a program holds up all else here, under gVisor for tens of milliseconds: the longest goes first
  const refs = Promise.resolve().then(borrow);
  const listing = listFiles(task, own, refs);
  if (isBack) beginQuestions(own.place);
  const [found, listed] = await Promise.all([refs, listing]);
  const repository = { ...own, ...found };
  const disk = makeView(task, note?.wentIn, (await ahead) ?? new Map());
  const shared = { task, repository, wentIn: note?.wentIn, ...listed };
  if (!note) {
    const { agent, others } = listed;
    const taken = await takeAll(repository, agent, others, disk);
    const tree = await writeTree(repository.place, repository.head, taken);
    return { ...shared, changes: undefined, taken, tree };
  }
  const { place, head } = repository;
  const { agent, others } = listed;
  const changes = await findChanges({
    place,
    wentIn: note.wentIn,
    agent,
    others,
    disk,
    hasModes: hasModes(note.wentIn),
    onUnreadable: (path) => tell(`${path}: it cannot be read`, "locked"),
  });
  const { present, gone } = changes;
  const worktrees = listed.worktrees.map((one) => toBytes(one.folder.slice(workTree.length + 1)));
  const links = findLinks({ wentIn: note.wentIn, agent, nested, worktrees, place });
  const taken = await takeChanges({ place, present, gone, indexed: agent.indexed });
  const isSame = request.task !== "bring-back" || taken.size + links.size === 0;
  const tree = isSame ? undefined : await writeTree(place, head, withLinks(taken, links));
  return { ...shared, changes, taken, tree };
}

/** That its files are gone is a change of the repository around it. */
function withoutFiles(
  task: RepositoryTask,
  repository: BorrowedRepository,
  wentIn: WentIn | undefined,
): Collected {
  const { place, source } = repository;
  return {
    task,
    repository,
    wentIn,
    worktrees: source ? listWorktrees(source.common) : [],
    agent: { indexed: new Map(), others: [], place },
    others: [],
    inner: [],
    changes: undefined,
    taken: new Map(),
    tree: undefined,
  };
}

function withLinks(taken: TreeChanges, links: ReadonlyMap<string, string | undefined>): TreeChanges {
  const entries = [...links].map(
    ([path, id]) => [path, id === undefined ? undefined : { mode: linkMode, id }] as const,
  );
  return new Map([...taken, ...entries]);
}

/** What git takes for files, and the repositories among them. */
async function listFiles(
  { request, workTree, gitFolder, nested, emptyGitFolder }: RepositoryTask,
  { place, source }: OwnRepository,
  refs: Promise<Pick<BorrowedRepository, "head">>,
): Promise<Pick<Collected, "worktrees" | "agent" | "others" | "inner">> {
  const agent = await listAgentFiles({
    place: { ...place, index: `${gitFolder}/agent-index` },
    own: source?.own,
    head: refs.then(({ head }) => head),
    unlock: (folder) => unlockFolder(request, workTree, folder),
  });
  const worktrees = source ? listWorktrees(source.common) : [];
  const skipped = [
    ...nested.map((one) => one.path),
    ...worktrees.map((one) => toBytes(one.folder.slice(workTree.length + 1))),
  ];
  const { others, inner } = await listOthers(agent.others, { place, emptyGitFolder, skipped });
  const links = [...agent.indexed].flatMap(([path, one]) => (one.mode === linkMode ? [path] : []));
  const unknown = links.filter((path) => !nested.some((one) => one.path === path));
  return { worktrees, agent, others, inner: [...inner, ...unknown] };
}

function readWentIn({ request, number }: RepositoryTask): { folder: string; wentIn: WentIn } | undefined {
  if (request.wentIn === null) return undefined;
  const folder = join(request.wentIn, String(number));
  try {
    const wentIn = parseWentIn(readFileSync(join(folder, "went-in"), "latin1"));
    if (wentIn) return { folder, wentIn };
  } catch {
    // As one that cannot be understood
  }
  if (!request.mayLackWentIn)
    tell("what was copied in is no longer known, so it is compared with the commit that is checked out");
  return undefined;
}

/** Files, and not the commits of submodules. */
function listPaths(wentIn: WentIn | undefined): string[] {
  return wentIn?.files.flatMap((one) => (one.mode === linkMode ? [] : [one.path])) ?? [];
}

function makeView(
  { request, base, workTree }: RepositoryTask,
  wentIn: WentIn | undefined,
  statuses: KnownStatuses,
): DiskView {
  return viewDisk({
    statuses,
    workTree,
    objectFormat: base?.objectFormat ?? "sha1",
    began: request.began === null ? undefined : statSync(request.began, { throwIfNoEntry: false })?.ctimeMs,
    wentIn: wentIn?.files ?? [],
    hasModes: wentIn === undefined || hasModes(wentIn),
    unlock: (path, mode) => request.mayUnlock && tryChmod(path, mode | 0o400),
  });
}

function hasModes({ head }: WentIn): boolean {
  return head.settings["core.filemode"] !== "false";
}

function unlockFolder(request: CollectRequest, workTree: string, folder: string): boolean {
  if (request.mayUnlock && tryChmod(join(workTree, folder), 0o700)) return true;
  tell(`${folder}: it cannot be read`, "locked");
  return false;
}

function tryChmod(path: Buffer | string, mode: number): boolean {
  try {
    chmodSync(path, mode & 0o777);
    return true;
  } catch {
    return false;
  }
}

/** Where nobody knows what went in: every file, compared with the commit below it. */
function takeAll(
  { place }: BorrowedRepository,
  agent: AgentFiles,
  others: readonly string[],
  disk: DiskView,
): Promise<TreeChanges> {
  const paths = [...agent.indexed].flatMap(([path, one]) => (one.mode === linkMode ? [] : [path]));
  const present: string[] = [];
  const gone: string[] = [];
  for (const path of new Set([...paths, ...others])) {
    const kind = disk.look(path);
    if (kind === "unreadable") tell(`${path}: it cannot be read`, "locked");
    else if (kind !== undefined) present.push(path);
    else if (!agent.indexed.get(path)?.isUnwatched) gone.push(path);
  }
  return takeChanges({ place, present, gone, indexed: agent.indexed });
}

export function toBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
