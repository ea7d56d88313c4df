/** What an agent made of Claude's own memory of a project, out of a bottle into the session's record: hostile, and for the user to look at. */
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { bottleProject } from "../core/bottle-home.ts";
import { isMemoryPath, memoryLimits, readMemoryText } from "../core/memory-files.ts";
import { quote, renderBytes } from "../core/text.ts";
import type { MemoryFiles, MemoryNote } from "../protocol/memory-note.ts";
import type { Incoming } from "./incoming-files.ts";
import { digestOf } from "./known-content.ts";
import { readRegularFile } from "./plain-file.ts";
import { unpackTranscript } from "./transcript-files.ts";

export interface ArrivedMemory {
  /** Of the archive among what comes in */
  readonly name: string;
  /** In which the archive has it, if in one */
  readonly root: string | undefined;
  readonly wentIn: MemoryFiles;
  /** Not all of it came, so that what is missing need not be gone */
  readonly isPartial: boolean;
}

/** The record's `memory/` is replaced by the files that are new or changed. */
export async function keepMemory(
  incoming: Incoming,
  record: string,
  { name, root, wentIn, isPartial }: ArrivedMemory,
): Promise<MemoryNote> {
  const fresh = join(incoming.folder, "memory");
  await mkdir(fresh, { mode: 0o700 });
  const place = `${root === undefined ? "" : `${root}/`}${bottleProject}/memory`;
  const names = (await unpackTranscript(join(incoming.folder, name), fresh, place)).toSorted();
  const { kept, refused } = await chooseFiles(fresh, names);
  const known = new Map(wentIn.map((one) => [one.path, one.digest]));
  const changed = [...kept].filter(([path, digest]) => known.get(path) !== digest).map(([path]) => path);
  const removed = isPartial ? [] : wentIn.map((one) => one.path).filter((path) => !names.includes(path));
  await rm(join(record, "memory"), { recursive: true, force: true });
  for (const path of changed) {
    const target = join(record, "memory", path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await rename(join(fresh, path), target);
  }
  return { wentIn, changed, removed, refused };
}

/** Those that may come, with their digests, and a sentence on each of the others. */
async function chooseFiles(folder: string, names: readonly string[]) {
  const kept = new Map<string, string>();
  const refused: string[] = [];
  let bytes = 0;
  for (const path of names) {
    const { size } = await stat(join(folder, path));
    const problem = findProblem(path, size, { files: kept.size, bytes });
    const content = problem === undefined ? await readRegularFile(join(folder, path), folder) : undefined;
    if (!content) refused.push(`${quote(path)} ${problem}`);
    else if (readMemoryText(content) === undefined) refused.push(`${quote(path)} is no text`);
    else {
      bytes += size;
      kept.set(path, digestOf(content));
    }
  }
  return { kept, refused: shorten(refused) };
}

function findProblem(
  path: string,
  size: number,
  sofar: { readonly files: number; readonly bytes: number },
): string | undefined {
  if (!isMemoryPath(path)) return "is no Markdown file with a plain name";
  if (size > memoryLimits.fileBytes) return `is larger than ${renderBytes(memoryLimits.fileBytes)}`;
  if (sofar.files >= memoryLimits.files) return `is one of more than ${memoryLimits.files} files`;
  return sofar.bytes + size > memoryLimits.bytes
    ? `makes it more than ${renderBytes(memoryLimits.bytes)}`
    : undefined;
}

const mostNamed = 10;

function shorten(sentences: readonly string[]): string[] {
  const rest = sentences.length - mostNamed;
  return rest > 0 ? [...sentences.slice(0, mostNamed), `and ${rest} more`] : [...sentences];
}
