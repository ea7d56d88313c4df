/** The git folder of an agent's work tree, read by us: its files may be anything, and nothing in them is obeyed. */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { isAbsolute, join, resolve } from "node:path";

export interface AgentGitFolder {
  /** Of this work tree: its `HEAD` and `index` */
  readonly own: string;
  /** What linked work trees share: refs and objects */
  readonly common: string;
}

export const objectId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * A work tree in place of one that was taken away, in `folder`, which is made: its git folder is where git has it of a submodule, if it is
 * still there, since what was committed in it is not gone with its files.
 */
export function standInForWorkTree(folder: string, around: string, path: string): void {
  mkdirSync(folder, { recursive: true });
  const outer = findGitFolder(around);
  const inner = outer && join(outer.common, "modules", path);
  if (inner !== undefined && isFolder(join(inner, "objects")))
    writeFileSync(join(folder, ".git"), `gitdir: ${inner}\n`);
}

export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // Not there, or below something that is no folder, or not for us to see
    return false;
  }
}

/** `.git` is a folder, or a file that names one (submodule, linked worktree); a worktree's folder names the common one. */
export function findGitFolder(workTree: string): AgentGitFolder | undefined {
  const entry = join(workTree, ".git");
  const file = readSmall(entry);
  const own = file === undefined ? entry : /^gitdir: ([^\n\0]+)/.exec(file)?.[1];
  if (own === undefined) return undefined;
  const folder = resolve(workTree, own);
  const shared = readSmall(join(folder, "commondir"))?.split("\n")[0];
  const common = shared ? (isAbsolute(shared) ? shared : resolve(folder, shared)) : folder;
  return isFolder(join(common, "objects")) && !/[\n"]/.test(common) ? { own: folder, common } : undefined;
}

/**
 * The text of a plain file that is not large; undefined for everything else. An agent that runs may put a pipe in its place at any moment,
 * which must not be waited for: it is opened without waiting, and what was opened is looked at.
 */
export function readSmall(
  path: string,
  maxBytes = 4_096,
  encoding: "utf8" | "latin1" = "utf8",
): string | undefined {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = fstatSync(file);
      return status.isFile() && status.size <= maxBytes ? readFileSync(file, encoding) : undefined;
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

export function listFolder(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
