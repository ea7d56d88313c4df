/**
 * Which files are not as they went in. A file whose size and time are as noted, and that nobody has written, renamed or changed since the
 * agent began, is not read again: what tells that is the time of its last change (ctime), which nobody in the bottle can set. That was seen
 * to hold on the file systems below, under runc and runsc; elsewhere, and where the clock was set back, every file is read.
 */
import { closeSync, constants, fstatSync, openSync, readSync, readlinkSync, statfsSync } from "node:fs";
import { createHash } from "node:crypto";
import type { WentInFile } from "../../core/went-in.ts";
import { gvisorFileSystem, lookAt } from "./look-ahead.ts";
import type { FileStatus, KnownStatuses } from "./look-ahead.ts";

/** Magic numbers of statfs(2): ext4, xfs, btrfs, overlay, tmpfs, f2fs and zfs, and gVisor's */
const trusted: ReadonlySet<number> = new Set([
  0xef53,
  0x58465342,
  0x9123683e,
  0x794c7630,
  0x01021994,
  0xf2f52010,
  0x2fc12fc1,
  gvisorFileSystem,
]);

export interface DiskView {
  /** A file or a link that can be taken; undefined for everything else. `path` is bytes as latin1, relative to the work tree */
  look(path: string): "file" | "link" | "unreadable" | undefined;
  /** Whether the file is another than what went in */
  isChanged(file: WentInFile): boolean;
}

export interface DiskRequest {
  /** Absolute */
  readonly workTree: string;
  readonly objectFormat: "sha1" | "sha256";
  /** When the agent began, in milliseconds; undefined if that is not known */
  readonly began: number | undefined;
  readonly wentIn: readonly WentInFile[];
  /** What was looked up already */
  readonly statuses: KnownStatuses;
  /** `core.fileMode`: whether it is a change that a file can be run */
  readonly hasModes: boolean;
  /** Makes a file readable that its owner has made unreadable; false if that may not be done here */
  readonly unlock: (path: Buffer, mode: number) => boolean;
}

export function viewDisk(request: DiskRequest): DiskView {
  const { workTree, objectFormat, hasModes, unlock } = request;
  const began = isTrusted(workTree) && (request.began ?? Infinity) <= Date.now() ? request.began : undefined;
  const ambiguous = findAmbiguous(request.wentIn);
  const known = new Map(request.statuses);
  const statusOf = (path: string): FileStatus | undefined => {
    if (!known.has(path)) known.set(path, lookAt(toPath(workTree, path)));
    return known.get(path);
  };
  const folders = makeFolderWatch(statusOf, began);
  const isUntouched = (file: WentInFile, status: FileStatus) =>
    began !== undefined &&
    status.ctimeMs < began &&
    status.size === file.size &&
    Math.floor(status.mtimeMs / 1000) === file.seconds &&
    !(ambiguous.has(file.path) && folders.mayBeMoved(file.path));
  return {
    look(path) {
      if (!folders.isReal(path)) return undefined;
      const status = statusOf(path);
      if (!status) return undefined;
      if (isLink(status)) return "link";
      if (!isFile(status)) return undefined;
      return canRead(toPath(workTree, path), status.mode, unlock) ? "file" : "unreadable";
    },
    isChanged(file) {
      const status = statusOf(file.path);
      if (!status) return true;
      if (isLink(status) !== (file.mode === "120000")) return true;
      if (hasModes && isFile(status) && ((status.mode & 0o100) !== 0) !== (file.mode === "100755"))
        return true;
      if (isUntouched(file, status)) return false;
      return (
        status.size !== file.size || hashOf(toPath(workTree, file.path), status, objectFormat) !== file.rawId
      );
    },
  };
}

function isTrusted(folder: string): boolean {
  try {
    return trusted.has(statfsSync(folder).type);
  } catch {
    return false;
  }
}

/** A renamed folder carries its files along, and their own times tell nothing: a file is in doubt if another could be in its place. */
function findAmbiguous(files: readonly WentInFile[]): ReadonlySet<string> {
  const groups = new Map<string, WentInFile[]>();
  for (const file of files) {
    const key = `${file.path.slice(file.path.lastIndexOf("/") + 1)}/${file.size}/${file.seconds}`;
    const group = groups.get(key);
    if (group) group.push(file);
    else groups.set(key, [file]);
  }
  const doubtful = [...groups.values()].filter((group) => group.some((one) => one.rawId !== group[0]?.rawId));
  return new Set(doubtful.flat().map((file) => file.path));
}

function makeFolderWatch(statusOf: (path: string) => FileStatus | undefined, began: number | undefined) {
  const moved = new Map<string, boolean>();
  const real = new Map<string, boolean>([["", true]]);
  const isTouched = (path: string) => began === undefined || (statusOf(path)?.ctimeMs ?? Infinity) >= began;
  /** Renaming changes the folder itself and the one around it */
  const isMoved = (path: string): boolean => {
    if (path === "") return false;
    const known = moved.get(path);
    if (known !== undefined) return known;
    const parent = parentOf(path);
    const answer = isMoved(parent) || (isTouched(path) && isTouched(parent));
    moved.set(path, answer);
    return answer;
  };
  const isRealFolder = (path: string): boolean => {
    const known = real.get(path);
    if (known !== undefined) return known;
    const answer = isRealFolder(parentOf(path)) && kindOf(statusOf(path)) === constants.S_IFDIR;
    real.set(path, answer);
    return answer;
  };
  return {
    mayBeMoved: (path: string) => isMoved(parentOf(path)),
    /** Reached without a link */
    isReal: (path: string) => isRealFolder(parentOf(path)),
  };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function toPath(workTree: string, path: string): Buffer {
  return Buffer.concat([
    Buffer.from(path === "" ? workTree : `${workTree}/`, "utf8"),
    Buffer.from(path, "latin1"),
  ]);
}

function kindOf(status: FileStatus | undefined): number {
  return (status?.mode ?? 0) & constants.S_IFMT;
}

function isLink(status: FileStatus): boolean {
  return kindOf(status) === constants.S_IFLNK;
}

function isFile(status: FileStatus): boolean {
  return kindOf(status) === constants.S_IFREG;
}

function canRead(path: Buffer, mode: number, unlock: DiskRequest["unlock"]): boolean {
  // Root reads all; the agent's own user needs its bit
  return (mode & 0o400) !== 0 || process.getuid?.() === 0 || unlock(path, mode);
}

const buffer = Buffer.alloc(1024 * 1024);

/** As git hashes it without any conversion; undefined if it cannot be read. */
function hashOf(path: Buffer, status: FileStatus, objectFormat: string): string | undefined {
  try {
    if (isLink(status)) {
      const target = readlinkSync(path, { encoding: "buffer" });
      return createHash(objectFormat).update(`blob ${target.length}\0`).update(target).digest("hex");
    }
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { size } = fstatSync(file);
      const hash = createHash(objectFormat).update(`blob ${size}\0`);
      for (let read = 1; read > 0;) {
        read = readSync(file, buffer, 0, buffer.length, null);
        hash.update(buffer.subarray(0, read));
      }
      return hash.digest("hex");
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}
