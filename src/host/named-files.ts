/**
 * Reading the files that a bottle's manifest names. Their digest is part of what is approved, as a skill's is: a file that got a secret,
 * or a folder that got another file, since it was shown is shown again before it goes anywhere.
 */
import { realpath, stat } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { claudeWay } from "../core/credential-places.ts";
import { BottleError } from "../core/error.ts";
import type { FileEntry } from "../core/file-entry.ts";
import { escapeForTerminal, quote, renderBytes } from "../core/text.ts";
import { findCredentialWay } from "./credential-content.ts";
import { isMissing } from "./files.ts";
import { digestOf, readKnown } from "./known-content.ts";
import { modeOf, readKnownTree } from "./known-tree.ts";
import type { KnownTree } from "./known-tree.ts";
import { expandPath } from "./world.ts";

/** For all entries of a bottle together */
const maxFiles = 2_000;
const maxBytes = 64 * 1024 * 1024;

export interface FilesRequest {
  /** In the bottle, `~/…`; a folder ends with a slash on both sides */
  readonly target: string;
  /** On this machine, `~/…` */
  readonly from: string;
  /** Where the manifest says so: `file:line:column` */
  readonly place: string;
}

export interface NamedFiles {
  readonly target: string;
  readonly from: string;
  /** Absolute, links resolved */
  readonly path: string;
  /** By their paths below the agent's home, with the folders above them */
  readonly entries: readonly FileEntry[];
  readonly files: number;
  readonly bytes: number;
  readonly digest: string;
  readonly leftOut: readonly string[];
}

/** Where to read, and what no file may be from. */
export interface FilesHome {
  readonly home: string;
  /** Claude's own folder, wherever it is */
  readonly claudeFolder: string;
}

/** Reads them in order. Throws for one that is not there, holds a credential or does not fit, with its place in the manifest. */
export async function readNamedFiles(
  requests: readonly FilesRequest[],
  where: FilesHome,
): Promise<NamedFiles[]> {
  const read: NamedFiles[] = [];
  let [filesLeft, bytesLeft] = [maxFiles, maxBytes];
  for (const request of requests) {
    const one = await readOne(request, where);
    filesLeft -= one.files;
    bytesLeft -= one.bytes;
    if (filesLeft < 0) throw unfit(request, `all files of the bottle are more than ${maxFiles}`);
    if (bytesLeft < 0) throw unfit(request, `all files of the bottle are more than ${renderBytes(maxBytes)}`);
    read.push(one);
  }
  return read;
}

async function readOne(request: FilesRequest, where: FilesHome): Promise<NamedFiles> {
  const { target, from } = request;
  const path = await findPath(request, where.home);
  const look = await makeLook(request, path, where);
  const tree = from.endsWith("/")
    ? await readFolder(request, path, look)
    : await readFile(request, path, look);
  const place = target.slice("~/".length).replace(/\/$/, "");
  return {
    target,
    from,
    path,
    entries: [...foldersOf(target), ...tree.files.map((file) => putAt(place, file))],
    files: tree.files.filter((file) => file.kind !== "directory").length,
    bytes: tree.bytes,
    digest: tree.digest,
    leftOut: tree.leftOut,
  };
}

/** The named place itself may be a link: the user put it there, and many keep such files in a repository. */
async function findPath(request: FilesRequest, home: string): Promise<string> {
  const written = expandPath(request.from.replace(/\/$/, ""), home, "/");
  const wantsFolder = request.from.endsWith("/");
  try {
    const path = await realpath(written);
    const status = await stat(path);
    if (wantsFolder ? status.isDirectory() : status.isFile()) return path;
    if (status.isDirectory()) throw unfit(request, 'it is a folder; end both sides with "/"');
    throw unfit(request, wantsFolder ? "it is not a folder" : "it is not a plain file");
  } catch (cause) {
    if (cause instanceof BottleError) throw cause;
    throw unfit(request, isMissing(cause) ? "it is not there" : "it cannot be read", cause);
  }
}

type Look = (path: string, content: Uint8Array) => void;

/** By the place that the manifest names, and by the one that it is a link to. `path` is below the named folder, empty for a file. */
async function makeLook(
  request: FilesRequest,
  path: string,
  { home, claudeFolder }: FilesHome,
): Promise<Look> {
  const [realHome, realClaude] = await Promise.all(
    [home, claudeFolder].map((one) => realpath(one).catch(() => one)),
  );
  const named = request.from.slice("~/".length).replace(/\/$/, "");
  const real = relative(realHome ?? home, path);
  return (below, content) => {
    const at = (folder: string) => (below === "" ? folder : `${folder}/${below}`);
    if (isWithin(at(path), realClaude ?? claudeFolder)) throw holdsCredential(request, below, claudeWay);
    for (const one of [at(named), at(real)]) {
      const way = findCredentialWay(one, content);
      if (way !== undefined) throw holdsCredential(request, below, way);
    }
  };
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function readFolder(request: FilesRequest, path: string, look: Look): Promise<KnownTree> {
  return readKnownTree(path, {
    maxFiles,
    maxBytes,
    takesLinks: true,
    unfit: (state) => unfit(request, state),
    changed: (file) => changed(request, file),
    look,
  });
}

async function readFile(request: FilesRequest, path: string, look: Look): Promise<KnownTree> {
  const status = await stat(path);
  if (status.size > maxBytes) throw unfit(request, `it is larger than ${renderBytes(maxBytes)}`);
  const { bytes, digest, read } = await readKnown(
    path,
    dirname(path),
    () => changed(request, ""),
    (content) => look("", content),
  );
  const mode = modeOf(status.mode);
  const file: FileEntry = { path: "", kind: "file", mode, size: bytes, read };
  return { files: [file], bytes, digest: digestOf(`${mode} ${digest}`), leftOut: [] };
}

/** Those above a place, and itself if it is one: the engine would make what is missing, and it would be root's. */
function foldersOf(target: string): FileEntry[] {
  const parts = target.slice("~/".length).split("/").slice(0, -1);
  return parts.map((_, index) => ({
    path: parts.slice(0, index + 1).join("/"),
    kind: "directory",
    mode: 0o755,
    size: 0,
  }));
}

function putAt(place: string, file: FileEntry): FileEntry {
  return { ...file, path: file.path === "" ? place : `${place}/${file.path}` };
}

function holdsCredential(request: FilesRequest, below: string, way: string): BottleError {
  const what = below === "" ? "it holds" : `${quote(below)} in it holds`;
  return new BottleError({
    code: "input",
    message: `Cannot copy ${quote(request.from)} into the bottle: ${what} a credential`,
    details: [placeOf(request)],
    hint:
      below === ""
        ? `Remove it from "files"; ${way}.`
        : `Name the folder's other files one by one under "files"; ${way}.`,
  });
}

function changed(request: FilesRequest, below: string): BottleError {
  return new BottleError({
    code: "file",
    message: `Cannot copy ${quote(request.from)}: ${below === "" ? "it" : quote(below)} changed after it was shown`,
    hint: "Start again and look at what changed.",
  });
}

function unfit(request: FilesRequest, state: string, cause?: unknown): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot copy ${quote(request.from)} into the bottle: ${state}`,
    details: [placeOf(request)],
    hint: 'Change or remove this entry of "files" in the manifest.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function placeOf({ place, target }: FilesRequest): string {
  return `${escapeForTerminal(place)}  files[${quote(target)}]`;
}
