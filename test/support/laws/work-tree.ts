/** The files of a work tree as they lie there, without asking git. Names are latin1, one character for each byte. */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Stats } from "node:fs";

export interface WorkTree {
  /** Path → kind, whether it can be run, and what is in it */
  readonly files: ReadonlyMap<string, string>;
  /** Folders with a `.git`, whose files are not among these */
  readonly repositories: readonly string[];
}

/** Looks at a folder; `.git` is left out. What is neither a file nor a link is left out, too. */
export function readWorkTree(folder: string): WorkTree {
  const files = new Map<string, string>();
  const repositories: string[] = [];
  const walk = (relative: string): void => {
    for (const name of listNames(bytesOf(folder, relative))) {
      const path = relative === "" ? name : `${relative}/${name}`;
      if (name === ".git") continue;
      const full = bytesOf(folder, path);
      const status = lstatSync(full);
      if (status.isSymbolicLink()) files.set(path, `link ${readlinkSync(full, "latin1")}`);
      else if (status.isFile())
        files.set(path, `${status.mode & 0o100 ? "program" : "file"} ${digestOfFile(full)}`);
      else if (status.isDirectory() && listNames(full).includes(".git")) repositories.push(path);
      else if (status.isDirectory()) walk(path);
    }
  };
  walk("");
  return { files, repositories };
}

/** All repositories in it, however deep, outer ones first. */
export function findRepositories(folder: string): string[] {
  return readWorkTree(folder).repositories.flatMap((path) => [
    path,
    ...findRepositories(`${folder}/${path}`).map((below) => `${path}/${below}`),
  ]);
}

/** What one file is, as in `files`; undefined if it is not there, or no file. */
export function describeFile(folder: string, path: string): string | undefined {
  const full = bytesOf(folder, path);
  const status = statusOf(full);
  if (status?.isSymbolicLink()) return `link ${readlinkSync(full, "latin1")}`;
  return status?.isFile() ? `${status.mode & 0o100 ? "program" : "file"} ${digestOfFile(full)}` : undefined;
}

/** Whether anything is there. */
export function isThere(folder: string, path: string): boolean {
  return statusOf(bytesOf(folder, path)) !== undefined;
}

function statusOf(full: Buffer): Stats | undefined {
  try {
    return lstatSync(full);
  } catch {
    // Also if a folder on the way is none
    return undefined;
  }
}

export function bytesOf(folder: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(path === "" ? folder : `${folder}/`), Buffer.from(path, "latin1")]);
}

function listNames(folder: Buffer): string[] {
  try {
    return readdirSync(folder, { encoding: "buffer" }).map((name) => Buffer.from(name).toString("latin1"));
  } catch {
    return [];
  }
}

function digestOfFile(file: Buffer): string {
  try {
    return digestOf(readFileSync(file));
  } catch {
    return "unreadable";
  }
}

/** As in `files`. */
export function digestOf(content: Uint8Array): string {
  return createHash("sha1").update(content).digest("hex");
}
