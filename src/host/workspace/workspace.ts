/** The working directory on its way into a bottle: what git tracks or would track, or every file where there is no repository. */
import { lstat, readdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { decodePath } from "../../core/byte-path.ts";
import { BottleError } from "../../core/error.ts";
import type { FileEntry } from "../../core/file-entry.ts";
import type { RepositoryBase } from "../../core/repository-base.ts";
import { quote } from "../../core/text.ts";
import { lookForCredentials } from "../credential-files.ts";
import { makeDiskEntry, makeDiskLook } from "../disk-files.ts";
import type { DiskFile } from "../disk-files.ts";
import { hasRepository, runGitNames } from "../git.ts";
import { openFolders, pathFor } from "../open-folders.ts";
import { isPlainPath } from "../plain-path.ts";
import { findRepositories } from "../repository/find-repositories.ts";
import { planFiles } from "../repository/planned-files.ts";
import { repositoryEntries } from "../repository/repository-entries.ts";
import type { PlannedRepository } from "../repository/repository-entries.ts";
import { makeBase } from "../repository/base.ts";
import { readUserLists } from "../repository/user-lists.ts";
import type { UserLists } from "../repository/user-lists.ts";
import { findExcludedNames } from "./excluded-names.ts";
import { noteProjectHooks } from "./project-hooks.ts";
import { noteOdd } from "./workspace-notes.ts";
import type { ScratchWorld } from "../scratch.ts";
import type { World } from "../world.ts";

export interface Workspace {
  /** Absolute */
  readonly directory: string;
  /** Files and links, without folders */
  readonly count: number;
  readonly bytes: number;
  readonly hasRepository: boolean;
  /** Outer ones first; each is known by its place in this list */
  readonly repositories: readonly RepositoryBase[];
  /** The user's own lists of ignored files and attributes, which hold in the bottle, too */
  readonly userLists?: UserLists | undefined;
  /** Those that go in and look like credentials, relative to `directory`; see `lookForCredentials` */
  readonly credentialFiles?: readonly string[];
  /** What does not go in as it lies there, a sentence each */
  readonly notes?: readonly string[];
  /** Everything in order, folders before what is in them; a git folder is made when its turn comes */
  entries(): AsyncGenerator<FileEntry>;
  /** What went in, below `<place in repositories>/`; only after `entries` came to its end */
  wentIn(): Iterable<FileEntry>;
}

export interface WorkspaceOptions {
  /** Patterns as in a .gitignore: what they name stays out */
  readonly exclude?: readonly string[];
}

/** Looks what would go in; nothing is copied yet. */
export async function readWorkspace(
  world: ScratchWorld & Pick<World, "cwd">,
  { exclude = [] }: WorkspaceOptions = {},
): Promise<Workspace> {
  const { env, cwd } = world;
  const root = await realpath(cwd);
  if (!(await hasRepository(root, env))) return readFolder(root, world, exclude);
  const { repositories, leftOut } = await findRepositories(root, env);
  const lists = await readUserLists(root, env);
  const planned = await Promise.all(
    repositories.map(async (facts) => ({ facts, lists, planned: await planFiles(facts, exclude, env) })),
  );
  const files = planned.flatMap((one) => one.planned.files);
  const notes = new Map<number, readonly FileEntry[]>();
  return {
    directory: cwd,
    count: files.length,
    bytes: files.reduce((sum, { file }) => sum + (file.kind === "file" ? file.status.size : 0), 0),
    hasRepository: true,
    repositories: repositories.map(makeBase),
    userLists: lists,
    credentialFiles: await lookForCredentials(root, planned.flatMap(pathsOf)),
    notes: [...noteOdd(planned, leftOut), ...(await noteProjectHooks(root, planned.flatMap(pathsOf)))],
    entries: () => withFolders(allEntries(planned, world, notes)),
    *wentIn() {
      for (const [number, entries] of notes) yield* below(String(number), entries);
    },
  };
}

function pathsOf({ facts, planned }: PlannedRepository): string[] {
  return planned.files.map(({ file }) => (facts.path === "" ? file.path : `${facts.path}/${file.path}`));
}

async function* allEntries(
  repositories: readonly PlannedRepository[],
  world: ScratchWorld,
  notes: Map<number, readonly FileEntry[]>,
): AsyncGenerator<FileEntry> {
  for (const [number, one] of repositories.entries())
    yield* repositoryEntries(one, world, (note) => notes.set(number, note));
}

function* below(folder: string, entries: readonly FileEntry[]): Generator<FileEntry> {
  yield { path: folder, kind: "directory", mode: 0o700, size: 0 };
  for (const entry of entries) yield { ...entry, path: `${folder}/${entry.path}` };
}

/** Without a repository at its root; git may still know what of it is ignored. */
async function readFolder(
  root: string,
  world: ScratchWorld & Pick<World, "cwd">,
  exclude: readonly string[],
): Promise<Workspace> {
  const { env, cwd: directory } = world;
  const words = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const patterns = exclude.flatMap((pattern) => ["-x", pattern]);
  const listed = await runGitNames(root, [...words, ...patterns], env);
  // Without git's word on it, ignored files would go in, and the repository's settings with their credentials
  if (!listed && (await isInRepository(root))) throw unlisted(directory);
  const look = makeDiskLook(root);
  const names = (listed ?? (await walk(root, ""))).filter(isPlainPath);
  const excluded = listed ? new Set<string>() : await findExcludedNames(names, exclude, world);
  const files = names
    .filter((name) => !excluded.has(name))
    .map(look)
    .filter(
      (file): file is DiskFile & { kind: "file" | "symlink" } =>
        file.kind === "file" || file.kind === "symlink",
    );
  const folders = openFolders(root);
  const paths = files.map((file) => file.path);
  return {
    directory,
    count: files.length,
    bytes: files.reduce((sum, file) => sum + (file.kind === "file" ? file.status.size : 0), 0),
    hasRepository: false,
    repositories: [],
    userLists: await readUserLists(root, env),
    credentialFiles: await lookForCredentials(root, paths),
    notes: await noteProjectHooks(root, paths),
    entries: () => withFolders(files.map((file) => makeDiskEntry(file, "", folders))),
    wentIn: () => [],
  };
}

async function isInRepository(directory: string): Promise<boolean> {
  for (let folder = directory; ; folder = dirname(folder)) {
    const isThere = await lstat(join(folder, ".git")).then(
      () => true,
      () => false,
    );
    if (isThere) return true;
    if (folder === dirname(folder)) return false;
  }
}

/** Puts each folder once, before the first file in it. */
export async function* withFolders(
  entries: AsyncIterable<FileEntry> | Iterable<FileEntry>,
): AsyncGenerator<FileEntry> {
  const seen = new Set<string>();
  for await (const entry of entries) {
    for (let end = entry.path.indexOf("/"); end > 0; end = entry.path.indexOf("/", end + 1)) {
      const path = entry.path.slice(0, end);
      if (seen.has(path)) continue;
      seen.add(path);
      yield {
        path,
        kind: "directory",
        mode: 0o755,
        size: 0,
        ...(entry.changedAt && { changedAt: entry.changedAt }),
      };
    }
    if (entry.kind === "directory" && seen.has(entry.path)) continue;
    if (entry.kind === "directory") seen.add(entry.path);
    yield entry;
  }
}

async function walk(directory: string, relative: string): Promise<string[]> {
  const found: string[] = [];
  const folder = relative === "" ? directory : `${directory}/${relative}`;
  for (const name of await readdir(pathFor(folder), { encoding: "buffer" })) {
    const path = relative === "" ? decodePath(name) : `${relative}/${decodePath(name)}`;
    const status = await lstat(pathFor(`${directory}/${path}`)).catch(() => undefined);
    if (status?.isDirectory()) found.push(...(await walk(directory, path)));
    else if (status) found.push(path);
  }
  return found;
}

function unlisted(directory: string): BottleError {
  return new BottleError({
    code: "file",
    message: `Cannot list the files of ${quote(directory)}: it is in a repository, and git does not list them`,
    hint: 'See what "git status" says there, and install git if it is missing.',
  });
}
