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
export interface Findings {
  readonly entries: Map<string, FileEntry>;
  /** `path mode digest`, by path below the folder */
  readonly digests: Map<string, string>;
  /** Sentences on what is named and is not there; hostile when printed */
  readonly lacks: Set<string>;
  /** Files of the user's outside of the folder, by path: what names them */
  readonly outside: Map<string, string>;
  readonly needs: Need[];
}

export interface ClaudeFiles extends Findings {
  /** Takes a file by its path below the folder, and all that it names; gives the paths of all. Undefined if it is not there */
  take(path: string): Promise<readonly string[] | undefined>;
  /** Takes what a command of `by` names, and gives the paths */
  takeNamed(text: string, by: string): Promise<readonly string[]>;
}

/** Nothing is read yet. */
export function openClaudeFiles(places: ClaudePlaces): ClaudeFiles {
  const found: Findings = {
    entries: new Map(),
    digests: new Map(),
    lacks: new Set(),
    outside: new Map(),
    needs: [],
  };
  let bytes = 0;

  const read = async (path: string): Promise<string | undefined> => {
    const full = await findFile(join(places.folder, path));
    if (full === undefined) return undefined;
    const { size, mode } = await stat(full);
    bytes += size;
    if (bytes > maxBytes) throw unfit(`it is more than ${renderBytes(maxBytes)}`);
    let text = "";
    const known = await readKnown(
      full,
      dirname(full),
      () => changed(path),
      (content) => {
        requireNoCredential(path, relative(places.home, full), content);
        text = Buffer.from(content).toString("utf8");
      },
    );
    const kept = modeOf(mode);
    found.entries.set(path, { path, kind: "file", mode: kept, size: known.bytes, read: known.read });
    found.digests.set(path, `${path} ${kept} ${known.digest}`);
    if (found.entries.size > maxFiles) throw unfit(`it is more than ${maxFiles} files`);
    return text;
  };

  /** `isCertain`: whether the text surely names a file, so that it is told if there is none */
  const follow = async (reference: Reference, by: string, isCertain: boolean): Promise<readonly string[]> => {
    const path = relative(places.folder, reference.path);
    if (path.startsWith("..")) {
      if (isCertain || (await findFile(reference.path)) !== undefined) found.outside.set(reference.path, by);
      return [];
    }
    const top = path.split("/")[0] ?? "";
    if (never.has(top.toLowerCase()) || top === "skills") {
      const hint = top === "skills" ? 'list the skill under "skills"' : "which never goes into a bottle";
      if (top !== "skills" || isCertain) found.lacks.add(`${by} names ${reference.text}: ${hint}`);
      return [];
    }
    const taken = await take(path);
    if (taken === undefined && isCertain)
      found.lacks.add(`${by} names ${reference.text}, which is not there`);
    return taken ?? [];
  };

  const followAll = async (text: string, by: string, path?: string): Promise<string[]> => {
    const taken: string[] = [];
    for (const one of findPaths(text, places))
      taken.push(...(await follow(one, by, /\.\w+$/.test(one.path))));
    const file = path?.endsWith(".md") ? join(places.folder, path) : undefined;
    for (const one of file === undefined ? [] : findImports(text, file, places))
      taken.push(...(await follow(one, by, /\/.*\.\w+$|\.md$/.test(one.text))));
    return taken;
  };

  const take = async (path: string): Promise<readonly string[] | undefined> => {
    if (found.entries.has(path)) return [path];
    const text = await read(path);
    if (text === undefined) return undefined;
    const program = findInterpreter(text);
    if (program !== undefined) found.needs.push({ program, by: path });
    if (findPaths(text, places).some((one) => one.text.startsWith("/")))
      found.lacks.add(`${path} names ${places.home}, which is /home/node in the bottle: write ~ or $HOME`);
    return [path, ...(await followAll(text, path, path))];
  };

  return { ...found, take, takeNamed: (text, by) => followAll(text, by) };
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
