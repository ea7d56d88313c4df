/** Claude's own memory of a project, as Claude Code on this machine keeps it: a folder of Markdown files beside its transcripts. */
import { readdir, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BottleError } from "../../core/error.ts";
import type { FileEntry } from "../../core/file-entry.ts";
import { isMemoryPath, memoryLimits, readMemoryText } from "../../core/memory-files.ts";
import { quote, renderBytes } from "../../core/text.ts";
import { findClaudeFolder } from "../claude-folder.ts";
import { findCredentialWay } from "../credential-content.ts";
import { findText, isMissing } from "../files.ts";
import { hasRepository, runGitLine } from "../git.ts";
import { digestOf } from "../known-content.ts";
import { readRegularFile } from "../plain-file.ts";
import type { World } from "../world.ts";

export interface ProjectMemory {
  /** Absolute; it need not be there */
  readonly folder: string;
  /** Below the folder, without folders */
  readonly files: readonly (FileEntry & { readonly digest: string })[];
  /** What does not go in, relative to the folder; hostile when printed */
  readonly leftOut: readonly string[];
}

type MemoryWorld = Pick<World, "env" | "home" | "cwd">;

/** Claude Code cuts longer names and puts a number of its own after them (measured with 2.1.330) */
const longestName = 200;

/** Throws where Claude Code keeps it elsewhere. `directory` is the project's folder. */
export async function findMemoryFolder(world: MemoryWorld, directory: string): Promise<string> {
  const folder = findClaudeFolder(world);
  if (await hasOwnPlace(folder))
    throw elsewhere('"autoMemoryDirectory" of your settings names another place');
  const name = (await findProjectRoot(directory, world.env)).normalize("NFC").replace(/[^a-zA-Z0-9]/g, "-");
  if (name.length > longestName) throw elsewhere("the folder's path is too long");
  return join(folder, "projects", name, "memory");
}

/** What is there now, whole: another session may change it at any time. Throws for too much of it, and for a credential in it. */
export async function readProjectMemory(world: MemoryWorld, directory: string): Promise<ProjectMemory> {
  const folder = await findMemoryFolder(world, directory);
  const leftOut: string[] = [];
  const files: ProjectMemory["files"][number][] = [];
  let bytes = 0;
  for (const path of await listFiles(folder, "", leftOut)) {
    const content = await readRegularFile(join(folder, path), folder);
    if (content.length > memoryLimits.fileBytes || readMemoryText(content) === undefined) {
      leftOut.push(path);
      continue;
    }
    requireNoCredential(path, content);
    bytes += content.length;
    const read = () => Promise.resolve(content);
    files.push({ path, kind: "file", mode: 0o600, size: content.length, digest: digestOf(content), read });
    if (files.length > memoryLimits.files) throw tooMuch(folder, `${memoryLimits.files} files`);
    if (bytes > memoryLimits.bytes) throw tooMuch(folder, renderBytes(memoryLimits.bytes));
  }
  return { folder, files, leftOut };
}

/**
 * As Claude Code does: worktrees have the memory of the repository that they belong to. Throws for a `.git` that passes another repository
 * off as this one, whose memory it would lead to.
 */
async function findProjectRoot(directory: string, env: World["env"]): Promise<string> {
  const place = await realpath(directory);
  const top = await runGitLine(place, ["rev-parse", "--show-toplevel"], env);
  if (top === undefined || !(await hasRepository(top, env))) return place;
  const common = await runGitLine(place, ["rev-parse", "--path-format=absolute", "--git-common-dir"], env);
  return common?.endsWith("/.git") ? dirname(common) : top;
}

async function hasOwnPlace(folder: string): Promise<boolean> {
  const text = await findText(join(folder, "settings.json")).catch(() => undefined);
  try {
    const settings: unknown = JSON.parse(text ?? "{}");
    return (Object(settings) as Record<string, unknown>)["autoMemoryDirectory"] !== undefined;
  } catch {
    return false;
  }
}

/** Links and whatever is no Markdown file stay out. */
async function listFiles(folder: string, below: string, leftOut: string[]): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory() && isMemoryPath(`${path}/a.md`))
      found.push(...(await listFiles(folder, path, leftOut)));
    else if (entry.isFile() && isMemoryPath(path)) found.push(path);
    else leftOut.push(path);
  }
  return found;
}

function requireNoCredential(path: string, content: Uint8Array): void {
  const way = findCredentialWay(path, content);
  if (way === undefined) return;
  throw new BottleError({
    code: "input",
    message: `Cannot take ${quote(path)} of Claude's memory into the bottle: it holds a credential`,
    hint: `Remove it from that file, or "remember" from the manifest; ${way}.`,
  });
}

function tooMuch(folder: string, limit: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot take Claude's memory of this project into the bottle: it is more than ${limit}`,
    hint: `Remove from ${quote(folder)} what is no longer of use, or "remember" from the manifest.`,
  });
}

function elsewhere(reason: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot find Claude's memory of this project: ${reason}`,
    hint: 'Remove "remember" from the manifest.',
  });
}
