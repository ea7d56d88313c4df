/** Files of a folder as they lie on the disk, looked at without following a link. */
import { accessSync, constants, lstatSync, readlinkSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname } from "node:path";
import { decodePath } from "../core/byte-path.ts";
import { BottleError, messageOf } from "../core/error.ts";
import type { FileEntry, OpenEntry } from "../core/file-entry.ts";
import { escapeForTerminal, quote } from "../core/text.ts";
import { pathFor, readPieces } from "./open-folders.ts";
import type { OpenFolders } from "./open-folders.ts";

/** One path as it is now. */
export type DiskFile =
  | {
      readonly kind: "file" | "symlink";
      readonly path: string;
      readonly status: Stats;
      readonly linkTarget?: string;
    }
  | { readonly kind: "folder" | "gone"; readonly path: string }
  /** A pipe, a socket or a device, or one that this user may not read */
  | { readonly kind: "special" | "unreadable"; readonly path: string };

/** Looks at paths below `root`, which is absolute and without links. What is behind a link counts as gone: git still lists `a/b` then. */
export function makeDiskLook(root: string): (path: string) => DiskFile {
  const folders = new Map<string, boolean>([[".", true]]);
  const isFolder = (path: string): boolean => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const answer = isFolder(dirname(path)) && lookAt(`${root}/${path}`)?.isDirectory() === true;
    folders.set(path, answer);
    return answer;
  };
  return (path) => {
    const full = `${root}/${path}`;
    const status = isFolder(dirname(path)) ? lookAt(full) : undefined;
    if (!status) return { kind: "gone", path };
    if (status.isDirectory()) return { kind: "folder", path };
    if (status.isSymbolicLink()) return { kind: "symlink", path, status, linkTarget: readTarget(full) };
    if (!status.isFile()) return { kind: "special", path };
    return { kind: isReadable(full) ? "file" : "unreadable", path, status } as DiskFile;
  };
}

function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(pathFor(path), { throwIfNoEntry: false });
  } catch {
    // A file where the path has a folder
    return undefined;
  }
}

function readTarget(path: string): string {
  return decodePath(readlinkSync(pathFor(path), { encoding: "buffer" }));
}

function isReadable(path: string): boolean {
  try {
    accessSync(pathFor(path), constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Permission bits as git knows them. */
export function plainMode(mode: number): number {
  return mode & 0o100 ? 0o755 : 0o644;
}

/** The entry for a file or a link; `prefix` goes before its path. Content is read when its turn comes, from the file that is there then. */
export function makeDiskEntry(
  file: DiskFile & { status: Stats },
  prefix: string,
  folders: OpenFolders,
): FileEntry {
  const { path, status } = file;
  const changedAt = status.mtime;
  if (file.kind === "symlink")
    // What it points to stays out unless it is a file of the workspace itself
    return {
      path: prefix + path,
      kind: "symlink",
      mode: 0o777,
      size: 0,
      changedAt,
      linkTarget: file.linkTarget ?? "",
    };
  return {
    path: prefix + path,
    kind: "file",
    mode: plainMode(status.mode),
    size: status.size,
    changedAt,
    open: () => openEntry(folders, path),
  };
}

function openEntry(folders: OpenFolders, path: string): OpenEntry {
  try {
    const file = folders.openFile(path);
    const { mode, size, mtime } = file.status;
    return {
      mode: plainMode(mode),
      size,
      changedAt: mtime,
      *pieces() {
        try {
          yield* readPieces(file);
        } catch (cause) {
          throw changed(path, cause);
        }
      },
    };
  } catch (cause) {
    throw changed(path, cause);
  }
}

function changed(path: string, cause: unknown): BottleError {
  return new BottleError({
    code: "file",
    message: `Cannot copy ${quote(path)}: it changed after it was listed (${escapeForTerminal(messageOf(cause))})`,
    hint: "Start again once nothing changes the files.",
    cause,
  });
}
