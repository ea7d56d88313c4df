/** Files of which git makes what lies there, byte for byte: they need no git, which takes longer to start than to hash a few of them. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { IndexedFile } from "./agent-files.ts";
import type { TreeEntry } from "./edit-tree.ts";
import { GitFailure } from "./git.ts";
import type { GitPlace } from "./git.ts";
import { writeObject } from "./own-objects.ts";

const maxFiles = 200;
const maxFileBytes = 1024 * 1024;
/** Names of which no git thinks that they are its own, whatever file system they may once be written to */
const plainName = /^(?!\.git|git~|\.{1,2}$)[\w.+=@,-]+$/i;
/** What each is where git converts nothing and looks at modes and names as they are */
const plainSettings: Readonly<Record<string, string>> = {
  "core.autocrlf": "false",
  "core.filemode": "true",
  "core.symlinks": "true",
  "core.ignorecase": "false",
  "core.precomposeunicode": "false",
};

/**
 * The files as entries of a tree, undefined for one that is gone by now; nothing at all where one of them may be another to git: by a
 * setting, an attribute, its name, or since it is no plain file.
 */
export function takeRawFiles(
  place: GitPlace,
  paths: readonly string[],
  indexed: ReadonlyMap<string, IndexedFile>,
): Map<string, TreeEntry | undefined> | undefined {
  if (paths.length > maxFiles || !isPlainPlace(place)) return undefined;
  const folders = new Set(paths.flatMap(foldersOf));
  if ([...folders].some((folder) => hasAttributes(place, folder, indexed))) return undefined;
  const taken = new Map<string, TreeEntry | undefined>();
  for (const path of paths) {
    if (!path.split("/").every((name) => plainName.test(name))) return undefined;
    const status = lookAt(toPlace(place, path));
    if (status && (!status.isFile() || status.size > maxFileBytes)) return undefined;
    try {
      taken.set(path, status && addRaw(place, path));
    } catch {
      return undefined;
    }
  }
  return taken;
}

/** A file as it lies there. Throws for what is none, or cannot be read. */
export function addRaw(place: GitPlace, path: string): TreeEntry {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = openSync(toPlace(place, path), flags);
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw new GitFailure(`${path}: git does not accept it`);
    const mode = status.mode & 0o100 ? "100755" : "100644";
    return { mode, id: writeObject(place, "blob", readFileSync(file)) };
  } finally {
    closeSync(file);
  }
}

/** Where a path of bytes as latin1 lies. */
export function toPlace({ workTree = "" }: GitPlace, path: string): Buffer {
  return Buffer.from(`${Buffer.from(workTree).toString("latin1")}/${path}`, "latin1");
}

/** No setting and no list of attributes that holds everywhere. */
function isPlainPlace({ gitFolder, settings = [] }: GitPlace): boolean {
  const areUsual = settings.every((setting) => {
    const [key = "", value] = setting.split("=", 2);
    return key.endsWith("File") || plainSettings[key] === value;
  });
  const lists = ["user-attributes", "info/attributes"].map((name) => lookAt(join(gitFolder, name)));
  return areUsual && lists.every((status) => status === undefined || status.size === 0);
}

/** Git takes the index's where there is none on the disk. */
function hasAttributes(place: GitPlace, folder: string, indexed: ReadonlyMap<string, IndexedFile>): boolean {
  const path = `${folder}.gitattributes`;
  return indexed.has(path) || lookAt(toPlace(place, path)) !== undefined;
}

/** With a slash at the end; the root is empty. */
function foldersOf(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, at) => parts.slice(0, at).map((part) => `${part}/`)).map((some) => some.join(""));
}

function lookAt(path: Buffer | string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
