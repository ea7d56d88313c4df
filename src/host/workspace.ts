/** The working directory on its way into a bottle: what git tracks or would track, or every file where there is no repository. */
import { lstat, readdir, readlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BottleError } from "../core/error.ts";
import type { FileEntry } from "../core/file-entry.ts";
import { quote } from "../core/text.ts";
import type { RepositoryBase } from "../core/repository-base.ts";
import { createCleanClone, describeRepository, hasRepository, listUnignoredFiles } from "./git.ts";
import { isMissing } from "./files.ts";
import { findSubmodules } from "./submodules.ts";
import { readRegularFile } from "./plain-file.ts";
import type { ScratchWorld } from "./scratch.ts";
import type { World } from "./world.ts";

export interface Workspace {
  /** Absolute */
  readonly directory: string;
  /** Files and links, without folders */
  readonly count: number;
  readonly bytes: number;
  readonly hasRepository: boolean;
  readonly repositories: readonly RepositoryBase[];
  /** Those that go in and look like credentials, relative to `directory`; see `lookForCredentials` */
  readonly credentialFiles?: readonly string[];
  /** Sentences on what goes in otherwise than one expects, such as "LFS files go in as pointers (3 files)" */
  readonly notes?: readonly string[];
  /** Everything in order, folders before what is in them; makes the clean clone when its turn comes */
  entries(): AsyncGenerator<FileEntry>;
}

/** Looks what would go in; nothing is copied yet. */
export async function readWorkspace(world: ScratchWorld & Pick<World, "cwd">): Promise<Workspace> {
  const directory = world.cwd;
  const [paths, isRepository] = await Promise.all([
    listFiles(directory, world.env),
    hasRepository(directory, world.env),
  ]);
  const inner = isRepository ? (await findSubmodules(directory, world.env)).filter(isPlainPath) : [];
  const roots = isRepository ? ["", ...inner] : [];
  const files = [
    ...(await describeAll(directory, paths)),
    ...(await Promise.all(inner.map((path) => describeSubmodule(directory, path, world.env)))).flat(),
  ];
  return {
    directory,
    count: files.length,
    bytes: files.reduce((sum, file) => sum + file.size, 0),
    hasRepository: isRepository,
    repositories: await Promise.all(
      roots.map((path) => describeRepository(join(directory, path), path, world.env)),
    ),
    async *entries() {
      const seen = new Set<string>();
      yield* withFolders(files, seen);
      for (const path of roots) yield* cloneEntries(directory, path, world, seen);
    },
  };
}

/** A submodule has files of its own, and git of the repository around it tells nothing about them. */
async function describeSubmodule(directory: string, path: string, env: World["env"]): Promise<FileEntry[]> {
  const paths = await listFiles(join(directory, path), env);
  return describeAll(
    directory,
    paths.map((file) => `${path}/${file}`),
  );
}

async function listFiles(directory: string, env: World["env"]): Promise<string[]> {
  const listed = await listUnignoredFiles(directory, env);
  if (listed) return listed.filter(isPlainPath);
  // Without git's word on it, ignored files would go in, and the repository's settings with their credentials
  if (await isInRepository(directory)) throw unlisted(directory);
  return (await walk(directory, "")).filter(isPlainPath);
}

/** An index is a file that anybody can have written: it may name what is outside, or git's own folder. */
function isPlainPath(path: string): boolean {
  return path
    .split("/")
    .every((part) => part !== "" && part !== "." && part !== ".." && part.toLowerCase() !== ".git");
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

async function* cloneEntries(
  directory: string,
  path: string,
  world: ScratchWorld,
  seen: Set<string>,
): AsyncGenerator<FileEntry> {
  const clone = await createCleanClone(join(directory, path), world);
  try {
    // Also where the original has a file `.git` that names a folder elsewhere: in the bottle each stands on its own
    yield* listFolderFiles(clone.gitFolder, path === "" ? ".git" : `${path}/.git`, seen);
  } finally {
    await clone.remove();
  }
}

/** A git folder of ours, below `prefix`. */
export async function* listFolderFiles(
  gitFolder: string,
  prefix: string,
  seen = new Set<string>(),
): AsyncGenerator<FileEntry> {
  const files = await describeAll(gitFolder, await walk(gitFolder, ""));
  // Git takes a folder for a repository only if these are there, empty or not
  for (const name of ["", "/refs", "/refs/heads", "/objects"]) yield makeFolder(prefix + name, seen);
  for (const file of files) {
    yield* withFolders([Object.assign(file, { path: `${prefix}/${file.path}` })], seen);
  }
}

/** Puts each folder once before the first file in it. */
function* withFolders(files: readonly FileEntry[], seen: Set<string>): Generator<FileEntry> {
  for (const file of files) {
    const parts = file.path.split("/");
    for (let depth = 1; depth < parts.length; depth += 1) {
      const folder = parts.slice(0, depth).join("/");
      if (!seen.has(folder))
        yield { ...makeFolder(folder, seen), ...(file.changedAt && { changedAt: file.changedAt }) };
    }
    yield file;
  }
}

function makeFolder(path: string, seen: Set<string>): FileEntry {
  seen.add(path);
  return { path, kind: "directory", mode: 0o755, size: 0 };
}

async function describeAll(directory: string, paths: readonly string[]): Promise<FileEntry[]> {
  const isFolder = makeFolderCheck(directory);
  const found = await Promise.all(
    paths.map(async (path) => ((await isFolder(dirname(path))) ? describe(directory, path) : undefined)),
  );
  return found.flatMap((entry) => entry ?? []);
}

/** True for folders that are reached without a link: git still lists `a/b` when `a` has become a link to somewhere else. */
function makeFolderCheck(directory: string): (relative: string) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>([[".", Promise.resolve(true)]]);
  const check = (relative: string): Promise<boolean> => {
    const answer = known.get(relative) ?? look(relative);
    known.set(relative, answer);
    return answer;
  };
  const look = async (relative: string) => {
    if (!(await check(dirname(relative)))) return false;
    return lstat(join(directory, relative)).then(
      (status) => status.isDirectory(),
      () => false,
    );
  };
  return check;
}

/** One file or link as it is now; undefined for what is gone, a submodule's folder, or a special file. */
async function describe(directory: string, path: string): Promise<FileEntry | undefined> {
  const full = join(directory, path);
  try {
    const status = await lstat(full);
    const mode = status.mode & 0o100 ? 0o755 : 0o644;
    // Build tools go by it, and archives of files from before 1980 are refused by some
    const changedAt = status.mtime;
    // A link goes in as a link: what it points to stays out unless it is a file of the workspace itself
    if (status.isSymbolicLink())
      return { path, kind: "symlink", mode: 0o777, size: 0, changedAt, linkTarget: await readlink(full) };
    if (status.isFile())
      return {
        path,
        kind: "file",
        mode,
        size: status.size,
        changedAt,
        read: () => readRegularFile(full, directory),
      };
    return undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function walk(directory: string, relative: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(directory, relative), { withFileTypes: true })) {
    const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await walk(directory, path)));
    else found.push(path);
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
