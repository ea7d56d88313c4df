/**
 * The workspace of a session that is taken up again: the repository with the branches that the bottle brought back, and the files as
 * they were left, read from commits. The user's own work tree is not looked at, and nothing is checked out on this machine.
 */
import { lstat, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileEntry } from "../core/file-entry.ts";
import { openBlobs } from "./blob-reader.ts";
import { createCleanClone, describeRepository, hasRepository, requireGit, runGit } from "./git.ts";
import { readRegularFile } from "./plain-file.ts";
import type { ScratchWorld } from "./scratch.ts";
import { listFolderFiles } from "./workspace.ts";
import type { Workspace } from "./workspace.ts";

type Env = Readonly<Record<string, string | undefined>>;

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
  const files = await listTree(directory, state.tree, env);
  const base = await describeRepository(directory, "", env);
  return {
    directory,
    count: files.length,
    bytes: files.reduce((sum, file) => sum + file.size, 0),
    hasRepository: true,
    repositories: [
      { ...base, head: state.head, tips: [...new Set([...base.tips, ...refs.map((ref) => ref.id)])] },
    ],
    async *entries() {
      yield* treeEntries(directory, files, env);
      yield* cloneEntries(directory, stem, state, world);
    },
  };
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
async function findState(
  directory: string,
  refs: readonly { readonly id: string; readonly name: string }[],
  env: Env,
): Promise<State> {
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
  const text = await requireGit(directory, ["ls-tree", "-r", "-l", "-z", "--full-tree", commit], env);
  return text.split("\0").flatMap((line) => {
    const match = /^(\d{6}) blob ([0-9a-f]+) +(\d+)\t(.+)$/s.exec(line);
    return match
      ? [{ mode: match[1] ?? "", id: match[2] ?? "", size: Number(match[3]), path: match[4] ?? "" }]
      : [];
  });
}

async function* treeEntries(
  directory: string,
  files: readonly TreeFile[],
  env: Env,
): AsyncGenerator<FileEntry> {
  const blobs = openBlobs(directory, env);
  const seen = new Set<string>();
  const changedAt = new Date();
  try {
    for (const { path, id, size, mode } of files) {
      yield* makeFolders(path, seen);
      if (mode === "120000") {
        const linkTarget = Buffer.from(await blobs.read(id)).toString("utf8");
        yield { path, kind: "symlink", mode: 0o777, size: 0, linkTarget, changedAt };
      } else {
        const bits = mode === "100755" ? 0o755 : 0o644;
        yield { path, kind: "file", mode: bits, size, changedAt, read: () => blobs.read(id) };
      }
    }
  } finally {
    blobs.close();
  }
}

/** The user's branches as the first time, and the bottle's own as its branches. */
async function* cloneEntries(
  directory: string,
  stem: string,
  state: State,
  world: ScratchWorld,
): AsyncGenerator<FileEntry> {
  const { env } = world;
  const clone = await createCleanClone(directory, world);
  try {
    const at = ["--git-dir", clone.gitFolder];
    const flags = ["--quiet", "--no-tags", "--no-write-fetch-head", "--update-head-ok", "--refmap="];
    const specs = [`+${stem}heads/*:refs/heads/*`, `+${stem}*:refs/bottles/*`];
    await requireGit(directory, [...at, "fetch", ...flags, directory, ...specs], env);
    const head = state.branch === undefined ? state.head : `ref: refs/heads/${state.branch}`;
    await writeFile(join(clone.gitFolder, "HEAD"), `${head}\n`);
    await requireGit(directory, [...at, "read-tree", "HEAD"], env);
    yield* listFolderFiles(clone.gitFolder, ".git");
  } finally {
    await clone.remove();
  }
}

function* makeFolders(path: string, seen: Set<string>): Generator<FileEntry> {
  const parts = path.split("/");
  for (let depth = 1; depth < parts.length; depth += 1) {
    const folder = parts.slice(0, depth).join("/");
    if (seen.has(folder)) continue;
    seen.add(folder);
    yield { path: folder, kind: "directory", mode: 0o755, size: 0, changedAt: new Date() };
  }
}

/** Claude's own record of the session, as it stands in ours. */
export async function* transcriptEntries(folder: string): AsyncGenerator<FileEntry> {
  for (const entry of (await readdir(folder, { recursive: true })).toSorted()) {
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
