/** Reading a folder whose content is part of what is approved: only what is really inside it, so that a link cannot carry another file in. */
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { findWayOutside } from "../archive/link-rule.ts";
import type { BottleError } from "../core/error.ts";
import type { FileEntry } from "../core/file-entry.ts";
import { quote, renderBytes } from "../core/text.ts";
import { digestOf, readKnown } from "./known-content.ts";

/**
 * What is no part of such a folder, in whatever case: version control, whose settings hold addresses with tokens and which changes with
 * every fetch, and what file managers and Python write beside files that they show or run.
 */
const leftOutNames: ReadonlySet<string> = new Set(
  [".git", ".hg", ".svn", ".jj", ".sl", ".bzr", "_darcs", ".pijul", ".fslckout", "_fossil_"].concat([
    ".ds_store",
    "thumbs.db",
    "desktop.ini",
    "__pycache__",
  ]),
);

export interface TreeRules {
  readonly maxFiles: number;
  readonly maxBytes: number;
  /** Links that stay inside go in as links, and what cannot go in is left out by name; otherwise either is an error */
  readonly takesLinks: boolean;
  /** The error for a folder that does not fit, with what is wrong as it is said after a colon */
  readonly unfit: (state: string) => BottleError;
  /** The error for a file that is another one by the time it is copied */
  readonly changed: (path: string) => BottleError;
  /** Sees each file; throws for one that must not go in */
  readonly look?: (path: string, content: Uint8Array) => void;
}

export interface KnownTree {
  /** Folders before what is in them */
  readonly files: readonly FileEntry[];
  readonly bytes: number;
  /** SHA-256 of names, modes and contents */
  readonly digest: string;
  /** Links that lead out and special files, where the rules leave them out; hostile when printed */
  readonly leftOut: readonly string[];
}

/** Reads a folder's files; they are read again when they are copied, and compared. */
export async function readKnownTree(directory: string, rules: TreeRules): Promise<KnownTree> {
  const { maxFiles, maxBytes, takesLinks, unfit, changed, look } = rules;
  const files: FileEntry[] = [];
  const [seen, leftOut]: [string[], string[]] = [[], []];
  let bytes = 0;
  const addFile = async (path: string): Promise<void> => {
    const status = await lstat(join(directory, path));
    bytes += status.size;
    if (bytes > maxBytes) throw unfit(`it is larger than ${renderBytes(maxBytes)}`);
    const known = await readKnown(
      join(directory, path),
      directory,
      () => changed(path),
      (content) => look?.(path, content),
    );
    const mode = modeOf(status.mode);
    files.push({ path, kind: "file", mode, size: known.bytes, read: known.read });
    seen.push(`${path} ${mode} ${known.digest}`);
  };
  const addOther = async (path: string, isLink: boolean): Promise<void> => {
    if (!takesLinks)
      throw unfit(`${quote(path)} is a link or a special file, and only plain files are copied`);
    const target = isLink ? await readlink(join(directory, path)) : "/";
    if (findWayOutside(path.split("/"), target) !== undefined) leftOut.push(path);
    else {
      files.push({ path, kind: "symlink", mode: 0o777, size: 0, linkTarget: target });
      seen.push(`${path} -> ${target}`);
    }
  };
  const walk = async (relative: string): Promise<void> => {
    for (const entry of await readdir(join(directory, relative), { withFileTypes: true })) {
      if (leftOutNames.has(entry.name.toLowerCase())) continue;
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (path.includes("\ufffd")) throw unfit(`${quote(path)} has a name that is no text`);
      if (entry.isDirectory()) {
        files.push({ path, kind: "directory", mode: 0o755, size: 0 });
        seen.push(`${path}/`);
        await walk(path);
      } else if (entry.isFile()) await addFile(path);
      else await addOther(path, entry.isSymbolicLink());
      if (files.length > maxFiles) throw unfit(`it has more than ${maxFiles} files`);
    }
  };
  await walk("");
  return { files, bytes, digest: digestOf(JSON.stringify(seen.toSorted())), leftOut: leftOut.toSorted() };
}

/** Whether it may be run is all that is kept of a mode. */
export function modeOf(mode: number): number {
  return mode & 0o100 ? 0o755 : 0o644;
}
