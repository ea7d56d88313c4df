/**
 * Where a repository's objects come from. Links and `objects/info/alternates` lead git to any folder of objects on this machine, and a
 * branch then names what is in there: so a folder that somebody sent could have a neighbour's files taken into a bottle. That a clone
 * borrows honestly cannot be told from that; so only the user's own configuration, which no folder writes, says from where it may.
 */
import { lstat, readdir, realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { findText } from "./files.ts";

/** Key of the user's own configuration: a folder that repositories may borrow from, with all that is below it */
export const borrowKey = "claude-bottle.borrowFrom";

/** git follows that many steps from one list to the next (alternates of alternates) */
const maxSteps = 5;

/** Every folder or file outside of a git folder that its objects are read from, absolute and without links. */
export async function findForeignObjects(folder: string): Promise<string[]> {
  const gitFolder = await realpath(folder);
  const found = new Set<string>();
  const visit = async (objects: string, steps: number): Promise<void> => {
    const place = await realpath(objects).catch(() => undefined);
    // Git passes over a folder that is not there
    if (place === undefined) return;
    if (!isWithin(place, gitFolder)) found.add(place);
    for (const link of await listLinks(place)) {
      const target = await realpath(link).catch(() => undefined);
      if (target !== undefined && !isWithin(target, gitFolder)) found.add(target);
    }
    if (steps >= maxSteps) return;
    for (const path of readAlternates((await findText(join(place, "info/alternates"))) ?? ""))
      await visit(resolve(place, path), steps + 1);
  };
  await visit(join(gitFolder, "objects"), 0);
  return [...found];
}

/** Of the folders those that are neither named nor below one that is.  */
export async function withoutNamed(folders: readonly string[], named: readonly string[]): Promise<string[]> {
  const places = await Promise.all(named.map((name) => realpath(name).catch(() => undefined)));
  return folders.filter((folder) => !places.some((place) => place !== undefined && isWithin(folder, place)));
}

/** What to name for a folder or file of objects: the repository around it, or the folder that it is in. */
export function lenderOf(path: string): string {
  const folder = path.replace(/\/objects(?:\/.*)?$/, "");
  if (folder === path) return dirname(path);
  return folder.endsWith("/.git") ? dirname(folder) : folder;
}

/** gitrepository-layout(5); a path in quotes is quoted as C does it, and one in any other form leads nowhere. */
function readAlternates(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    if (line === "" || line.startsWith("#")) return [];
    if (!line.startsWith('"')) return [line];
    const inner = /^"((?:[^"\\]|\\.)*)"$/.exec(line)?.[1];
    return inner === undefined ? [line] : [unquote(inner)];
  });
}

const letters: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
};

function unquote(text: string): string {
  const bytes = Buffer.from(text, "utf8").toString("latin1");
  const plain = bytes.replace(/\\([0-3][0-7]{2}|.)/g, (_, code: string) =>
    code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (letters[code] ?? code),
  );
  return Buffer.from(plain, "latin1").toString("utf8");
}

/** Links below a folder, which is none itself. */
async function listLinks(folder: string): Promise<string[]> {
  if (!(await lstat(folder)).isDirectory()) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((one) => one.isSymbolicLink()).map((one) => join(one.parentPath, one.name));
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
