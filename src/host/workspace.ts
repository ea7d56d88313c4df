/** The working directory on its way into a bottle: what git tracks or would track, or every file where there is no repository. */
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { FileEntry } from "../core/file-entry.ts";
import { createCleanClone, hasRepository, listUnignoredFiles } from "./git.ts";
import { isMissing } from "./files.ts";
import { readRegularFile } from "./skills.ts";
import type { World } from "./world.ts";

export interface Workspace {
  /** Absolute */
  readonly directory: string;
  /** Files and links, without folders */
  readonly count: number;
  readonly bytes: number;
  readonly hasRepository: boolean;
  /** Everything in order, folders before what is in them; makes the clean clone when its turn comes */
  entries(): AsyncGenerator<FileEntry>;
}

/** Looks what would go in; nothing is copied yet. */
export async function readWorkspace(world: Pick<World, "cwd" | "env">): Promise<Workspace> {
  const directory = world.cwd;
  const [listed, isRepository] = await Promise.all([
    listUnignoredFiles(directory, world.env),
    hasRepository(directory, world.env),
  ]);
  const paths = listed ?? (await walk(directory, ""));
  const files = (await Promise.all(paths.map((path) => describe(directory, path)))).flatMap(
    (entry) => entry ?? [],
  );
  return {
    directory,
    count: files.length,
    bytes: files.reduce((sum, file) => sum + file.size, 0),
    hasRepository: isRepository,
    async *entries() {
      yield* withFolders(files);
      if (isRepository) yield* cloneEntries(directory, world.env);
    },
  };
}

async function* cloneEntries(directory: string, env: World["env"]): AsyncGenerator<FileEntry> {
  const clone = await createCleanClone(directory, env);
  try {
    const paths = await walk(clone.gitFolder, "");
    const files = (await Promise.all(paths.map((path) => describe(clone.gitFolder, path)))).flatMap(
      (entry) => entry ?? [],
    );
    yield { path: ".git", kind: "directory", mode: 0o755, size: 0 };
    for (const name of ["refs", "refs/heads", "objects"])
      yield { path: `.git/${name}`, kind: "directory", mode: 0o755, size: 0 };
    yield* withFolders(files.map((file) => ({ ...file, path: `.git/${file.path}` })));
  } finally {
    await clone.remove();
  }
}

/** Puts each folder once before the first file in it. */
function* withFolders(files: readonly FileEntry[]): Generator<FileEntry> {
  const seen = new Set<string>();
  for (const file of files) {
    const parts = file.path.split("/");
    for (let depth = 1; depth < parts.length; depth += 1) {
      const folder = parts.slice(0, depth).join("/");
      if (seen.has(folder)) continue;
      seen.add(folder);
      yield { path: folder, kind: "directory", mode: 0o755, size: 0 };
    }
    yield file;
  }
}

/** One file or link as it is now; undefined for what is gone, a submodule's folder, or a special file. */
async function describe(directory: string, path: string): Promise<FileEntry | undefined> {
  const full = join(directory, path);
  try {
    const status = await lstat(full);
    const mode = status.mode & 0o100 ? 0o755 : 0o644;
    // A link goes in as a link: what it points to stays out unless it is a file of the workspace itself
    if (status.isSymbolicLink())
      return { path, kind: "symlink", mode: 0o777, size: 0, linkTarget: await readlink(full) };
    if (status.isFile())
      return { path, kind: "file", mode, size: status.size, read: () => readRegularFile(full) };
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
