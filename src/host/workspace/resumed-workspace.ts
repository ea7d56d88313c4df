/**
 * The workspace of a session that is taken up again: the repository with the branches that the bottle brought back, and the files as
 * they were left, read from commits. The user's own work tree is not checked, and nothing is checked out on this machine.
 */
import { lstat, readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { findCredentialFiles } from "../../core/credential-files.ts";
import type { FileEntry } from "../../core/file-entry.ts";
import { openBlobs } from "../blob-reader.ts";
import { hasRepository, requireGit, runGit, runGitNames, unreadable } from "../git.ts";
import type { Env } from "../git.ts";
import { readRegularFile } from "../plain-file.ts";
import { makeBase } from "../repository/base.ts";
import { readRepository } from "../repository/read-repository.ts";
import type { RepositoryFacts } from "../repository/read-repository.ts";
import type { Ref } from "../repository/refs.ts";
import { blobEntry, gitFolderEntries, noteEntries } from "../repository/repository-entries.ts";
import { gitlinkMode, parseTracked } from "../repository/tracked.ts";
import type { Tracked } from "../repository/tracked.ts";
import { readUserLists } from "../repository/user-lists.ts";
import type { UserLists } from "../repository/user-lists.ts";
import { openScratch } from "../scratch.ts";
import type { ScratchWorld } from "../scratch.ts";
import { makeWentInNote } from "../went-in-note.ts";
import type { IndexedAs } from "../went-in-note.ts";
import { withFolders } from "./workspace.ts";
import type { Workspace } from "./workspace.ts";

interface TreeFile {
  readonly mode: string;
  readonly id: string;
  readonly size: number;
  readonly path: string;
}

/** Undefined if the session brought nothing back into this folder, so that the folder as it is has to do. */
export async function readResumedWorkspace(
  directory: string,
  session: string,
  world: ScratchWorld,
): Promise<Workspace | undefined> {
  const { env } = world;
  if (!(await hasRepository(directory, env))) return undefined;
  const stem = `refs/bottles/${session}/`;
  const text = await requireGit(directory, ["for-each-ref", "--format=%(objectname) %(refname)", stem], env);
  const refs = text.split("\n").flatMap((line) => {
    const [id = "", name = ""] = line.split(" ");
    return name === "" ? [] : [{ id, name: name.slice(stem.length) }];
  });
  if (refs.length === 0) return undefined;
  const state = await findState(directory, refs, env);
  // Before the rest: where objects are missing, this tells so whatever else stumbles over it
  const files = await listTree(directory, state.tree, env);
  const [own, lists] = await Promise.all([
    readRepository(await realpath(directory), "", env),
    readUserLists(directory, env),
  ]);
  const facts = takeUp(own, refs, state);
  let note: readonly FileEntry[] = [];
  return {
    directory,
    count: files.length,
    bytes: files.reduce((sum, file) => sum + file.size, 0),
    hasRepository: true,
    repositories: [makeBase(facts)],
    userLists: lists,
    // By name alone: none of it lies on the disk
    credentialFiles: findCredentialFiles(files.map((file) => file.path)).certain,
    entries: () => withFolders(allEntries(facts, files, lists, world, (entries) => (note = entries))),
    *wentIn() {
      yield { path: "0", kind: "directory", mode: 0o700, size: 0 };
      for (const entry of note) yield { ...entry, path: `0/${entry.path}` };
    },
  };
}

/** The user's repository with the bottle's own branches and tags in their places, and everything else of the bottle beside them. */
function takeUp(
  own: RepositoryFacts,
  refs: readonly BroughtName[],
  { head, branch }: State,
): RepositoryFacts {
  const placed = refs.map(({ id, name }): Ref => ({
    name: placeOf(name),
    id,
    peeled: undefined,
    target: undefined,
  }));
  const names = new Set(placed.map((ref) => ref.name));
  return {
    ...own,
    head,
    branch: branch === undefined ? "" : `refs/heads/${branch}`,
    refs: [...own.refs.filter((ref) => !names.has(ref.name)), ...placed],
  };
}

function placeOf(name: string): string {
  return /^(heads|tags|notes)\//.test(name) ? `refs/${name}` : `refs/bottles/${name}`;
}

interface BroughtName {
  readonly id: string;
  /** Below `refs/bottles/<session>/` */
  readonly name: string;
}

interface State {
  /** Commit that is checked out */
  readonly head: string;
  /** `main`; undefined for none */
  readonly branch: string | undefined;
  /** Commit whose files are in the work tree */
  readonly tree: string;
}

/** Where the agent was: below its uncommitted changes, or else on its detached head, on the user's branch, on the first one. */
async function findState(directory: string, refs: readonly BroughtName[], env: Env): Promise<State> {
  const idOf = (name: string) => refs.find((ref) => ref.name === name)?.id;
  const revision = async (words: string) =>
    (await runGit(directory, ["rev-parse", "--verify", "--quiet", words], env))?.trim();
  const current = (await runGit(directory, ["symbolic-ref", "--quiet", "--short", "HEAD"], env))?.trim();
  const uncommitted = idOf("uncommitted");
  const own = await revision("HEAD");
  const heads = refs.filter((ref) => ref.name.startsWith("heads/"));
  const below = uncommitted === undefined ? undefined : await revision(`${uncommitted}^`);
  const chosen =
    heads.find((ref) => ref.id === below) ?? heads.find((ref) => ref.name === `heads/${current}`) ?? heads[0];
  const head = below ?? idOf("detached") ?? chosen?.id ?? own ?? "";
  const branch =
    chosen?.id === head ? chosen.name.slice("heads/".length) : head === own ? current : undefined;
  return { head, branch, tree: uncommitted ?? head };
}

async function listTree(directory: string, commit: string, env: Env): Promise<TreeFile[]> {
  const lines = await runGitNames(directory, ["ls-tree", "-r", "-l", "-z", "--full-tree", commit], env);
  if (!lines) throw unreadable(directory, "git does not read it");
  return lines.flatMap((line) => {
    const match = /^(\d{6}) blob ([0-9a-f]+) +(\d+)\t(.+)$/s.exec(line);
    return match
      ? [{ mode: match[1] ?? "", id: match[2] ?? "", size: Number(match[3]), path: match[4] ?? "" }]
      : [];
  });
}

async function* allEntries(
  facts: RepositoryFacts,
  files: readonly TreeFile[],
  lists: UserLists,
  world: ScratchWorld,
  onNote: (note: readonly FileEntry[]) => void,
): AsyncGenerator<FileEntry> {
  const { env } = world;
  const note = makeWentInNote(facts.objectFormat, "");
  const scratch = await openScratch(world);
  try {
    const file = join(scratch.folder, "index");
    const variables = { GIT_INDEX_FILE: file };
    await requireGit(facts.folder, ["read-tree", facts.head], env, { variables });
    const staged = await runGitNames(facts.folder, ["ls-files", "-z", "-t", "-v", "--stage"], env, {
      variables,
    });
    const tracked = parseTracked(staged ?? []);
    const committed = new Map(tracked.map((one) => [one.path, one]));
    for await (const { entry, known } of treeEntries(facts.folder, files, env))
      yield note.watch(entry, asCommitted(known, committed.get(known.path)));
    const folders = tracked.flatMap((one) => (one.mode === gitlinkMode ? [one.path] : []));
    for (const path of folders) yield { path, kind: "directory", mode: 0o755, size: 0 };
    yield* gitFolderEntries(facts, { file, changed: new Set(), variables }, [], scratch.folder, env);
    onNote(noteEntries({ ...facts, tracked }, lists, note, { isResumed: true, folders }));
  } finally {
    await scratch.remove();
  }
}

function asCommitted({ id, mode }: TreeFile, committed: Tracked | undefined): IndexedAs {
  const isChanged = committed !== undefined && (committed.id !== id || committed.mode !== mode);
  return { id: committed?.id, isChanged };
}

async function* treeEntries(directory: string, files: readonly TreeFile[], env: Env) {
  const blobs = openBlobs(directory, env);
  const changedAt = new Date();
  try {
    for (const known of files)
      yield { known, entry: blobEntry(known.path, known.mode, await blobs.read(known.id), changedAt) };
  } finally {
    blobs.close();
  }
}

/** Claude's own record of the session, as it stands in ours. */
export async function* transcriptEntries(folder: string, leavesOut?: string): AsyncGenerator<FileEntry> {
  for (const entry of (await readdir(folder, { recursive: true })).toSorted()) {
    if (leavesOut !== undefined && `${entry}/`.startsWith(`${leavesOut}/`)) continue;
    const full = join(folder, entry);
    const status = await lstat(full);
    const changedAt = status.mtime;
    if (status.isDirectory()) yield { path: entry, kind: "directory", mode: 0o700, size: 0, changedAt };
    else if (status.isFile())
      yield {
        path: entry,
        kind: "file",
        mode: 0o600,
        size: status.size,
        changedAt,
        read: () => readRegularFile(full, folder),
      };
  }
}
