/**
 * Reading the folder that a Dockerfile copies from. What goes in is listed and digested, since it is part of what is approved and of
 * what the image is made from; a file that is another when it is sent is an error. Nothing outside of the folder can get in.
 */
import { realpath } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import type { BuildContext } from "../core/build-context.ts";
import { BottleError, sayWhy } from "../core/error.ts";
import type { FileEntry } from "../core/file-entry.ts";
import { quote } from "../core/text.ts";
import { listContext, unfit } from "./context-listing.ts";
import { findText, isFolder } from "./files.ts";
import { parseIgnoreRules } from "./ignore-rules.ts";
import type { IgnoreRules, Verdict } from "./ignore-rules.ts";
import { digestOf, readKnown } from "./known-content.ts";
import type { KnownContent } from "./known-content.ts";

/** How many files are read at once; most are small, and all together are not large */
const sideBySide = 32;

export interface ContextRequest {
  /** Absolute; may be a link, and the folder that it leads to is what is shown */
  readonly folder: string;
  /** Absolute path of the Dockerfile, in the folder or not */
  readonly dockerfile: string;
}

/** Folders of the user's, absolute. */
export interface OwnFolders {
  readonly home: string;
  /** Holds what this program notes while it runs, and is never a part of what is built */
  readonly state: string;
}

/** Reads all of it but what the ignore file names. Throws if it is not there, too large, or holds what cannot be sent. */
export async function readBuildContext(
  { folder, dockerfile }: ContextRequest,
  own: OwnFolders,
): Promise<BuildContext> {
  const home = await resolveLinks(own.home);
  const directory = await findFolder(folder, home);
  const rules = await readRules(directory, dockerfile);
  const path = relative(directory, join(await realpath(dirname(dockerfile)), basename(dockerfile)));
  const isInside = path !== ".." && !path.startsWith("../");
  const leftOut = [path, relative(directory, await resolveLinks(own.state))];
  const listed = await listContext(directory, rules, new Set(leftOut));
  const known = await readAll(
    directory,
    listed.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  );
  const entries = known.map(({ entry }) => entry);
  const contents = entries.filter((entry) => entry.kind !== "directory");
  return {
    directory,
    entries,
    count: contents.length,
    bytes: contents.reduce((sum, entry) => sum + entry.size, 0),
    digest: digestOf(JSON.stringify(known.map(({ line }) => line))),
    dockerfile: isInside ? path : undefined,
    hidesDockerfile: isInside && isIgnored(path, rules),
    isHome: directory === home,
  };
}

/** It need not be there. */
function resolveLinks(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/** Where links lead is what is shown, and so what is approved. */
async function findFolder(folder: string, home: string): Promise<string> {
  if (!(await isFolder(folder))) {
    throw new BottleError({
      code: "input",
      message: `Cannot use the build context ${quote(folder)}: there is no such folder`,
      hint: 'Create it, or change "image.context" in the manifest.',
    });
  }
  const directory = await realpath(folder);
  if (!home.startsWith(directory === "/" ? "/" : `${directory}/`)) return directory;
  throw new BottleError({
    code: "input",
    message: `Cannot use the build context ${quote(directory)}: your home folder is in it`,
    hint: "Use a folder that holds only what the image needs.",
  });
}

/** The Dockerfile's own ignore file comes before that of the folder, as in BuildKit. */
async function readRules(directory: string, dockerfile: string): Promise<IgnoreRules> {
  for (const path of [`${dockerfile}.dockerignore`, join(directory, ".dockerignore")]) {
    const text = await findText(path);
    if (text !== undefined) return parseIgnoreRules(text, path);
  }
  return parseIgnoreRules("", "");
}

function isIgnored(path: string, rules: IgnoreRules): boolean {
  const paths = path.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"));
  let verdict: Verdict | undefined;
  for (const one of paths) verdict = rules.judge(one, verdict);
  return verdict?.isIgnored ?? false;
}

interface KnownEntry {
  readonly entry: FileEntry;
  /** What the digest of all is made from */
  readonly line: readonly unknown[];
}

async function readAll(directory: string, listed: readonly FileEntry[]): Promise<KnownEntry[]> {
  const known: KnownEntry[] = [];
  for (let at = 0; at < listed.length; at += sideBySide) {
    const some = listed.slice(at, at + sideBySide);
    known.push(...(await Promise.all(some.map((entry) => readOne(directory, entry)))));
  }
  return known;
}

async function readOne(directory: string, entry: FileEntry): Promise<KnownEntry> {
  const { kind, path, mode, linkTarget } = entry;
  if (kind !== "file") return { entry, line: [kind, path, linkTarget ?? mode] };
  const { bytes, digest, read } = await readFile(directory, path);
  return { entry: { ...entry, size: bytes, read }, line: [kind, path, mode, digest] };
}

function readFile(directory: string, path: string): Promise<KnownContent> {
  const full = join(directory, path);
  const makeChanged = () =>
    new BottleError({
      code: "file",
      message: `Cannot send the build context: ${quote(full)} changed after it was shown`,
      hint: "Start again and look at what changed.",
    });
  return readKnown(full, directory, makeChanged).catch((error: unknown) => {
    throw unfit(
      directory,
      path,
      `it cannot be read (${sayWhy(error instanceof BottleError ? error.cause : error)})`,
    );
  });
}
