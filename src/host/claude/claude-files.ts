/** Files of the user's Claude folder on their way into a bottle, with those that they name; what never goes in is not among them. */
import { realpath, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { BottleError } from "../../core/error.ts";
import type { FileEntry } from "../../core/file-entry.ts";
import { quote, renderBytes } from "../../core/text.ts";
import { findCredentialWay } from "../credential-content.ts";
import { digestOf, readKnown } from "../known-content.ts";
import { modeOf } from "../known-tree.ts";
import { findImports, findInterpreter, findPaths } from "./references.ts";
import type { ClaudePlaces, Reference } from "./references.ts";

/** For all that is taken but plugins */
const maxFiles = 500;
const maxBytes = 16 * 1024 * 1024;

/** In Claude's folder: credentials, what was said and done, and what is taken by other ways or not at all */
const never: ReadonlySet<string> = new Set(
  [".credentials.json", ".claude.json", "history.jsonl", "projects", "sessions", "session-env"].concat(
    ["todos", "tasks", "plans", "file-history", "paste-cache", "image-cache", "shell-snapshots", "backups"],
    ["statsig", "telemetry", "debug", "cache", "ide", "usage-data", "stats-cache.json", "uploads", "jobs"],
    ["settings.json", "settings.local.json", "plugins", "local"],
  ),
);

/** A program that something needs */
export interface Need {
  readonly program: string;
  /** What needs it: `hook`, `hooks/lint.py` */
  readonly by: string;
}

/** What was found on the way. */
interface Findings {
  readonly entries: Map<string, FileEntry>;
  /** `path mode digest`, by path below the folder */
  readonly digests: Map<string, string>;
  /** Sentences on what is named and is not there; hostile when printed */
  readonly lacks: Set<string>;
  /** Files of the user's outside of the folder, by path: what names them */
  readonly outside: Map<string, string>;
  readonly needs: Need[];
}

/** What is taken so far. */
export interface ClaudeFiles extends Findings {
  readonly places: ClaudePlaces;
  /** Links resolved, as of the files that are looked at */
  readonly realHome: string;
  bytes: number;
}

/** Nothing is read yet. */
export async function openClaudeFiles(places: ClaudePlaces): Promise<ClaudeFiles> {
  return {
    places,
    realHome: await realpath(places.home).catch(() => places.home),
    bytes: 0,
    entries: new Map(),
    digests: new Map(),
    lacks: new Set(),
    outside: new Map(),
    needs: [],
  };
}

/** Takes a file by its path below the folder, and all that it names; gives the paths of all. Undefined if it is not there. */
export async function takeFile(files: ClaudeFiles, path: string): Promise<readonly string[] | undefined> {
  if (files.entries.has(path)) return [path];
  const text = await readInto(files, path);
  if (text === undefined) return undefined;
  const program = findInterpreter(text);
  if (program !== undefined) files.needs.push({ program, by: path });
  const moved = findPaths(text, files.places).find((one) => isElsewhereInside(one, files.places));
  if (moved)
    files.lacks.add(
      `${path} names ${moved.text}, which has another path in the bottle, where Claude's folder is ~/.claude`,
    );
  return [path, ...(await takeNamed(files, text, path))];
}

/** Texts go in as they are: a path that does not begin at whatever home there is, or at another folder of Claude's, leads nowhere there. */
function isElsewhereInside({ text, path }: Reference, { folder }: ClaudePlaces): boolean {
  if (text.startsWith("/")) return true;
  return path.startsWith(`${folder}/`) && !/^(?:~|\$HOME|\$\{HOME\})\/\.claude\//.test(text);
}

/** Takes what a text of `by` names, and gives the paths. Of a text in Markdown, `by` is its own path. */
export async function takeNamed(files: ClaudeFiles, text: string, by: string): Promise<readonly string[]> {
  const { places } = files;
  const taken: string[] = [];
  for (const one of findPaths(text, places))
    taken.push(...(await follow(files, one, { by, isCertain: /\.\w+$/.test(one.path) })));
  const imports = by.endsWith(".md") ? findImports(text, join(places.folder, by), places) : [];
  for (const one of imports)
    taken.push(...(await follow(files, one, { by, isCertain: /\/.*\.\w+$|\.md$/.test(one.text) })));
  return taken;
}

/** `isCertain`: whether the text surely names a file, so that it is told if there is none */
async function follow(
  files: ClaudeFiles,
  reference: Reference,
  { by, isCertain }: { readonly by: string; readonly isCertain: boolean },
): Promise<readonly string[]> {
  const path = relative(files.places.folder, reference.path);
  if (path.startsWith("..")) {
    if (isCertain || (await findFile(reference.path)) !== undefined) files.outside.set(reference.path, by);
    return [];
  }
  const top = path.split("/")[0] ?? "";
  if (top === "skills") {
    if (isCertain) files.lacks.add(`${by} names ${reference.text}: list the skill under "skills"`);
    return [];
  }
  if (never.has(top.toLowerCase())) {
    files.lacks.add(`${by} names ${reference.text}, which never goes into a bottle`);
    return [];
  }
  const taken = await takeFile(files, path);
  if (taken === undefined && isCertain) files.lacks.add(`${by} names ${reference.text}, which is not there`);
  return taken ?? [];
}

/** The file's text; undefined if it is not there. */
async function readInto(files: ClaudeFiles, path: string): Promise<string | undefined> {
  const { places, realHome } = files;
  const full = await findFile(join(places.folder, path));
  if (full === undefined) return undefined;
  const { size, mode } = await stat(full);
  files.bytes += size;
  if (files.bytes > maxBytes) throw unfit(`it is more than ${renderBytes(maxBytes)}`);
  let text = "";
  const known = await readKnown(
    full,
    dirname(full),
    () => changed(path),
    (content) => {
      requireNoCredential(path, relative(realHome, full), content);
      text = Buffer.from(content).toString("utf8");
    },
  );
  const kept = modeOf(mode);
  files.entries.set(path, { path, kind: "file", mode: kept, size: known.bytes, read: known.read });
  files.digests.set(path, `${path} ${kept} ${known.digest}`);
  if (files.entries.size > maxFiles) throw unfit(`it is more than ${maxFiles} files`);
  return text;
}

/** SHA-256 of names, modes and contents of these files. */
export function digestFiles({ digests }: Findings, paths: readonly string[]): string {
  return digestOf(JSON.stringify([...new Set(paths)].toSorted().map((path) => digests.get(path))));
}

/** With all links resolved: many keep these files in a repository of dotfiles. Undefined for what is no plain file. */
async function findFile(path: string): Promise<string | undefined> {
  const full = await realpath(path).catch(() => undefined);
  const status = full === undefined ? undefined : await stat(full).catch(() => undefined);
  return status?.isFile() ? full : undefined;
}

function requireNoCredential(path: string, real: string, content: Uint8Array): void {
  // Below ~/.claude everything counts as a place of credentials, which is what this module is about
  const isInClaude = /^\.claude\/|^\.config\/claude\//i.test(real);
  for (const one of isInClaude ? [path] : [path, real]) {
    const way = findCredentialWay(one, content);
    if (way !== undefined)
      throw new BottleError({
        code: "input",
        message: `Cannot take ${quote(path)} of your Claude Code into the bottle: it holds a credential`,
        hint: `Remove it from "claude" in the manifest, or the credential from the file; ${way}.`,
      });
  }
}

function changed(path: string): BottleError {
  return new BottleError({
    code: "file",
    message: `Cannot copy ${quote(path)} of your Claude Code: it changed after it was shown`,
    hint: "Start again and look at what changed.",
  });
}

function unfit(state: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot take your own Claude Code into the bottle: ${state}`,
    hint: 'List less under "claude" in the manifest.',
  });
}
