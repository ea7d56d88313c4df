/** The entries of one repository for a bottle: its files, then its git folder; and the note of what went in. */
import { lstat, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { decodePath, encodePath } from "../../core/byte-path.ts";
import type { FileEntry } from "../../core/file-entry.ts";
import { renderWentIn } from "../../core/went-in.ts";
import type { WentInFile } from "../../core/went-in.ts";
import { openBlobs } from "../blob-reader.ts";
import { makeDiskEntry, plainMode } from "../disk-files.ts";
import type { Env } from "../git.ts";
import { openFolders } from "../open-folders.ts";
import { openScratch } from "../scratch.ts";
import type { ScratchWorld } from "../scratch.ts";
import { makeWentInNote } from "../went-in-note.ts";
import type { WentInNote } from "../went-in-note.ts";
import { copyIndex, forgetTimes, markAbsent } from "./carried-index.ts";
import type { CarriedIndex } from "./carried-index.ts";
import { carryRepository } from "./carry.ts";
import { readOperation } from "./operation.ts";
import type { OperationFile } from "./operation.ts";
import type { PlannedFile, PlannedFiles } from "./planned-files.ts";
import type { RepositoryFacts } from "./read-repository.ts";
import { contentSettings } from "./settings.ts";
import { gitlinkMode } from "./tracked.ts";
import type { Tracked } from "./tracked.ts";
import type { UserLists } from "./user-lists.ts";

export interface PlannedRepository {
  readonly facts: RepositoryFacts;
  readonly planned: PlannedFiles;
  readonly lists: UserLists;
}

/** Yields everything, and fills `onNote` with what was noted at the end. */
export async function* repositoryEntries(
  { facts, planned, lists }: PlannedRepository,
  world: ScratchWorld,
  onNote: (note: readonly FileEntry[]) => void,
): AsyncGenerator<FileEntry> {
  const { env } = world;
  const prefix = facts.path === "" ? "" : `${facts.path}/`;
  const note = makeWentInNote(facts.objectFormat, prefix);
  const scratch = await openScratch(world);
  try {
    const index = await copyIndex(facts, scratch.folder, env);
    yield* fileEntries(facts, planned.files, { prefix, index, note, env });
    for (const path of planned.folders)
      yield { path: prefix + path, kind: "directory", mode: 0o755, size: 0 };
    await forgetTimes(facts, index, planned.asCommitted, env);
    await markAbsent(facts, index, planned.absent, env);
    yield* gitFolderEntries(facts, index, await readOperation(facts, env), scratch.folder, env);
    onNote(noteEntries(facts, lists, note, { isResumed: false, folders: planned.folders }));
  } finally {
    await scratch.remove();
  }
}

/** `.git` and what is in it; made in `scratch`, where `index` may stand too. */
export async function* gitFolderEntries(
  facts: RepositoryFacts,
  index: CarriedIndex,
  operation: readonly OperationFile[],
  scratch: string,
  env: Env,
): AsyncGenerator<FileEntry> {
  const gitFolder = join(scratch, "git");
  const prefix = facts.path === "" ? ".git" : `${facts.path}/.git`;
  await mkdir(gitFolder);
  await carryRepository(facts, index, operation, gitFolder, env);
  yield* folderEntries(gitFolder, prefix);
  if (index.file !== undefined) yield await fileEntry(index.file, `${prefix}/index`);
}

interface Copying {
  readonly prefix: string;
  readonly index: CarriedIndex;
  readonly note: WentInNote;
  readonly env: Env;
}

async function* fileEntries(
  facts: RepositoryFacts,
  files: readonly PlannedFile[],
  { prefix, index, note, env }: Copying,
): AsyncGenerator<FileEntry> {
  const folders = openFolders(facts.folder);
  const blobs = files.some((one) => one.from === "index") ? openBlobs(facts.folder, env) : undefined;
  try {
    for (const { from, file, tracked } of files) {
      if (from === "index" && blobs) {
        const { mode, id } = tracked;
        const entry = blobEntry(prefix + file.path, mode, await blobs.read(id), file.status.mtime);
        yield note.watch(entry, { id, isChanged: false });
      } else {
        const id = tracked?.stage === 0 ? tracked.id : undefined;
        const isChanged = tracked !== undefined && (id === undefined || index.changed.has(file.path));
        yield note.watch(makeDiskEntry(file, prefix, folders), { id, isChanged });
      }
    }
  } finally {
    folders.close();
    blobs?.close();
  }
}

/** A file or a link with the content that a commit has of it; `mode` is git's. */
export function blobEntry(path: string, mode: string, content: Uint8Array, changedAt: Date): FileEntry {
  if (mode === "120000")
    return { path, kind: "symlink", mode: 0o777, size: 0, changedAt, linkTarget: decodePath(content) };
  const bits = plainMode(Number.parseInt(mode, 8));
  return {
    path,
    kind: "file",
    mode: bits,
    size: content.length,
    changedAt,
    read: () => Promise.resolve(content),
  };
}

/** A folder of ours, below `prefix`. */
async function* folderEntries(folder: string, prefix: string): AsyncGenerator<FileEntry> {
  yield { path: prefix, kind: "directory", mode: 0o755, size: 0 };
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.map((one) => ({
    path: join(one.parentPath, one.name).slice(folder.length + 1),
    isFolder: one.isDirectory(),
  }));
  for (const { path, isFolder } of paths.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    if (isFolder) yield { path: `${prefix}/${path}`, kind: "directory", mode: 0o755, size: 0 };
    else yield await fileEntry(join(folder, path), `${prefix}/${path}`);
  }
}

async function fileEntry(file: string, path: string): Promise<FileEntry> {
  const { size, mtime } = await lstat(file);
  const slash = file.lastIndexOf("/");
  const folders = openFolders(file.slice(0, slash));
  const status = await lstat(file);
  const { open } = makeDiskEntry({ kind: "file", path: file.slice(slash + 1), status }, "", folders);
  return {
    path,
    kind: "file",
    mode: 0o644,
    size,
    changedAt: mtime,
    open: async () => {
      const opened = await open!();
      return {
        ...opened,
        *pieces() {
          yield* opened.pieces();
          folders.close();
        },
      };
    },
  };
}

/** Deleted by the user, or left out by a sparse checkout or the manifest; submodules too. */
function findAbsent({ tracked }: RepositoryFacts, there: ReadonlySet<string>): Map<string, string> {
  const entries = tracked.flatMap(({ path, id, stage }): [string, string][] => {
    const name = bytesOf(path);
    return stage > 0 || there.has(name) ? [] : [[name, id]];
  });
  return new Map(entries);
}

function bytesOf(path: string): string {
  return Buffer.from(encodePath(path)).toString("latin1");
}

function linkFile({ path, mode, id }: Tracked): WentInFile {
  return { path: bytesOf(path), mode, rawId: id, indexId: id, isChanged: false, size: 0, seconds: 0 };
}

/** What is kept beside the copy, for telling later what is the agent's. `folders`: those of submodules that go in. */
export function noteEntries(
  facts: RepositoryFacts,
  lists: UserLists,
  note: WentInNote,
  { isResumed, folders: present }: { readonly isResumed: boolean; readonly folders: readonly string[] },
): FileEntry[] {
  const { head: commit, branch, settings, refs } = facts;
  const links = facts.tracked.filter((one) => one.mode === gitlinkMode && present.includes(one.path));
  const files = [...note.files, ...links.map(linkFile)];
  const text = renderWentIn({
    head: { version: 1, commit, branch, settings: contentSettings(settings), ...lists, isResumed },
    refs: refs.filter((ref) => ref.target === undefined),
    files,
    absent: findAbsent(facts, new Set(files.map((file) => file.path))),
  });
  const file = (path: string, content: Uint8Array): FileEntry => ({
    path,
    kind: "file",
    mode: 0o600,
    size: content.length,
    read: () => Promise.resolve(content),
  });
  const folders = new Set([...note.objects.keys()].map((path) => `objects/${path.slice(0, 2)}`));
  return [
    ...["objects", "objects/info", ...folders].map((path): FileEntry => ({
      path,
      kind: "directory",
      mode: 0o700,
      size: 0,
    })),
    ...[...note.objects].map(([path, content]) => file(`objects/${path}`, content)),
    file("went-in", Buffer.from(text, "latin1")),
  ];
}
