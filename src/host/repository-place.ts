/**
 * Whose repository a folder shows. `.git` may be a file, or hold files and links, that lead to any other repository on this machine, and
 * git follows them: so a folder that somebody sent could have the history of a neighbour taken into a bottle. A repository elsewhere
 * is taken only if it names the folder itself, as those of linked worktrees and submodules do, or if it can be no other folder's.
 */
import { lstat, readdir, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { BottleError } from "../core/error.ts";
import { commandLine } from "../core/shell-quote.ts";
import { quote } from "../core/text.ts";
import { findText } from "./files.ts";
import { borrowKey, findForeignObjects, lenderOf, withoutNamed } from "./object-places.ts";

export interface SettingReader {
  /** One key of one file; undefined if it is not there */
  read(file: string, key: string): Promise<string | undefined>;
  /** All values of a key in the user's own configuration, which no repository is part of */
  readUsers(key: string): Promise<readonly string[]>;
}

type ReadSetting = SettingReader["read"];

/** What git reads commits' names from; a link below one of them that leads out of the folder brings in another's */
const refPlaces = ["HEAD", "packed-refs", "refs", "reftable"] as const;

/** Throws if the repository of `folder`, which has a `.git`, is not its own. `folder` is absolute and without links. */
export async function requireOwnRepository(
  folder: string,
  { read: readSetting, readUsers }: SettingReader,
): Promise<void> {
  const gitFolder = await findGitFolder(folder);
  const isOwn = isWithin(gitFolder, folder)
    ? await standsAlone(gitFolder)
    : (await isLinkedWorktree(gitFolder, folder)) ||
      (await isItsWorkTree(gitFolder, folder, readSetting)) ||
      (await isNobodysElse(gitFolder, readSetting));
  const common = await findCommon(gitFolder);
  if (!isOwn || !(await refsStay(gitFolder, common))) throw isAnothers(folder);
  const foreign = await findForeignObjects(common);
  if (foreign.length === 0) return;
  const unnamed = await withoutNamed(foreign, await readUsers(borrowKey));
  if (unnamed[0] !== undefined) throw borrows(folder, unnamed[0]);
}

/** What a linked worktree shares with its repository; the git folder itself where there is nothing to share. */
async function findCommon(gitFolder: string): Promise<string> {
  const named = (await findText(join(gitFolder, "commondir")))?.trim();
  return named === undefined ? gitFolder : realpath(resolve(gitFolder, named));
}

/** No link in the place of a branch leads out of both. */
async function refsStay(gitFolder: string, common: string): Promise<boolean> {
  const places = [gitFolder, common].flatMap((one) => refPlaces.map((name) => join(one, name)));
  const links = (await Promise.all(places.map(findLinks))).flat();
  const targets = await Promise.all(links.map((link) => realpath(link).catch(() => gitFolder)));
  return targets.every((target) => isWithin(target, gitFolder) || isWithin(target, common));
}

/** Absolute, without links. */
async function findGitFolder(folder: string): Promise<string> {
  const entry = join(folder, ".git");
  if ((await lstat(entry)).isFile()) {
    const named = /^gitdir: ([^\n\0]+)/.exec((await findText(entry)) ?? "")?.[1] ?? "";
    return realpath(resolve(folder, named));
  }
  return realpath(entry);
}

/** It shares nothing. */
async function standsAlone(gitFolder: string): Promise<boolean> {
  return (await findText(join(gitFolder, "commondir"))) === undefined;
}

/** The place itself or what is below it, as far as it is a link. */
async function findLinks(place: string): Promise<string[]> {
  const status = await lstat(place).catch(() => undefined);
  if (status?.isSymbolicLink()) return [place];
  if (!status?.isDirectory()) return [];
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  return entries.filter((one) => one.isSymbolicLink()).map((one) => join(one.parentPath, one.name));
}

/** `REPOSITORY/worktrees/NAME`, whose file `gitdir` names the worktree's `.git`: that is in the other repository, which says so itself. */
async function isLinkedWorktree(gitFolder: string, folder: string): Promise<boolean> {
  const common = (await findText(join(gitFolder, "commondir")))?.trim() ?? "";
  const repository = dirname(dirname(gitFolder));
  if (basename(dirname(gitFolder)) !== "worktrees") return false;
  if ((await realpath(resolve(gitFolder, common)).catch(() => "")) !== repository) return false;
  const named = (await findText(join(gitFolder, "gitdir")))?.trim() ?? "";
  return (await realpath(resolve(gitFolder, named)).catch(() => "")) === join(folder, ".git");
}

/** Submodules name their work tree, and so may any other repository. */
async function isItsWorkTree(gitFolder: string, folder: string, read: ReadSetting): Promise<boolean> {
  const named = await read(join(gitFolder, "config"), "core.worktree");
  return named !== undefined && (await realpath(resolve(gitFolder, named)).catch(() => "")) === folder;
}

/**
 * A git folder made by `git init --separate-git-dir` names no work tree. It is nobody else's if it is no other folder's `.git`, has no work
 * tree of its own around it, and is none that is only fetched from; the plan says where it is.
 */
async function isNobodysElse(gitFolder: string, read: ReadSetting): Promise<boolean> {
  const config = join(gitFolder, "config");
  if (basename(gitFolder) === ".git" || (await read(config, "core.worktree")) !== undefined) return false;
  if ((await read(config, "core.bare")) !== "false") return false;
  return (await findText(join(gitFolder, "commondir"))) === undefined && standsAlone(gitFolder);
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function isAnothers(folder: string): BottleError {
  return new BottleError({
    code: "file",
    message: `Cannot take in ${quote(folder)}: its .git passes another repository off as this folder's own`,
    hint: 'Look at what .git leads to. If it is yours, make it name the folder: "git config core.worktree FOLDER" there.',
  });
}

function borrows(folder: string, from: string): BottleError {
  const lender = lenderOf(from);
  // Somebody else may have named it: what is not plain is for the user to look at and to write
  const shown = /^[\w./@+-]+$/.test(lender) ? lender : "FOLDER";
  return new BottleError({
    code: "file",
    message: `Cannot take in ${quote(folder)}: its repository borrows objects from ${quote(from)}`,
    details: ["Whoever sent you the folder may have done that to read what is there."],
    hint: `If you did that yourself, allow it once: "${commandLine`git config --global --add ${borrowKey} ${shown}`}".`,
  });
}
