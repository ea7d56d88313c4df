/** Whether what is new in a repository is in measure, before it is packed: see `workMeasures`. */
import { closeSync, fstatSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  changeMemoryBytes,
  changeWords,
  makeChangeMeter,
  makeObjectMeter,
  makeSizeMeter,
  objectFormat,
} from "../../core/work-measures.ts";
import type { Meter } from "../../core/work-measures.ts";
import { resolveObjects } from "./ask-git.ts";
import type { KnownObject } from "./ask-git.ts";
import { git, GitFailure } from "./git.ts";
import type { GitPlace } from "./git.ts";

/** What is in measure is listed within seconds; under gVisor git takes minutes to find that trees have no end */
const measureMs = 60_000;
/** As many are asked one by one */
const maxAsked = 1_000;
const maxAskedBytes = maxAsked * 41;

const listWords = [
  "rev-list",
  "--objects",
  "--boundary",
  "--no-object-names",
  "--missing=print",
  "--stdin",
] as const;
const sizeWords = ["cat-file", "--buffer", objectFormat] as const;

/** What is new, where it is little enough to be listed. */
export interface FewObjects {
  readonly objects: readonly KnownObject[];
  /** Commits that it builds on */
  readonly boundary: readonly string[];
  /** Nothing of it is missing */
  readonly isWhole: boolean;
}

/** What is out of measure, or why git cannot tell; undefined for nothing. A history with holes is not judged, since packing judges it. */
export async function findExcess(
  place: GitPlace,
  names: readonly string[],
  known: readonly string[],
  onFew: (few: FewObjects) => void = () => undefined,
): Promise<string | undefined> {
  if (names.length === 0) return undefined;
  const revisions = [...names, ...known.map((id) => `^${id}`)].map((line) => `${line}\n`).join("");
  const input = Buffer.from(revisions, "latin1");
  const file = join(place.gitFolder, "listed");
  const output = openSync(file, "w+");
  try {
    await git(place, listWords, { input, output });
    const { size } = fstatSync(output);
    if (size === 0) return undefined;
    return await (size <= maxAskedBytes
      ? measureFew(place, readLines(file), onFew)
      : measureMany(place, file, input));
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    return error.isLimit ? error.message : undefined;
  } finally {
    closeSync(output);
    rmSync(file, { force: true });
  }
}

/** By the git that stays: what an agent mostly brings is a few commits, and each program that starts costs more than to measure them. */
async function measureFew(
  place: GitPlace,
  lines: readonly string[],
  onFew: (few: FewObjects) => void,
): Promise<string | undefined> {
  const ids = lines.filter((line) => /^[0-9a-f]/.test(line));
  const boundary = lines.flatMap((line) => (line.startsWith("-") ? [line.slice(1)] : []));
  const objects = makeObjectMeter();
  const found = await resolveObjects(place, ids);
  const there = found.flatMap((one) => one ?? []);
  onFew({ objects: there, boundary, isWhole: there.length + boundary.length === lines.length });
  objects.take(renderObjects(found));
  if (objects.problem() !== undefined) return objects.problem();
  const commits = found.flatMap((one) => (one?.type === "commit" ? [one.id] : []));
  return measureChanges(place, Buffer.from(renderLines(commits)));
}

/** Lists can be larger than memory, so they lie in a file before the next git reads them. */
async function measureMany(place: GitPlace, file: string, revisions: Buffer): Promise<string | undefined> {
  const problem = await readingFile(file, (listed) => measure(place, sizeWords, listed, makeObjectMeter()));
  if (problem !== undefined) return problem;
  const output = openSync(file, "w");
  await git(place, ["rev-list", "--stdin"], { input: revisions, output }).finally(() => closeSync(output));
  return readingFile(file, (listed) => measureChanges(place, listed));
}

/** Of commits, what they add and change. */
async function measureChanges(place: GitPlace, commits: Buffer | number): Promise<string | undefined> {
  const changes = makeChangeMeter();
  const problem = await measure(place, changeWords, commits, changes);
  if (problem !== undefined || changes.ids.size === 0) return problem;
  const sizes = makeSizeMeter(changes.ids);
  const ids = [...changes.ids.keys()];
  if (ids.length > maxAsked) return measure(place, sizeWords, Buffer.from(renderLines(ids)), sizes);
  sizes.take(renderObjects(await resolveObjects(place, ids)));
  return sizes.problem();
}

async function measure(
  place: GitPlace,
  words: readonly string[],
  input: Buffer | number,
  meter: Meter,
): Promise<string | undefined> {
  const output = (data: Buffer) => meter.take(data);
  const at = { ...place, timeoutMs: Math.min(place.timeoutMs, measureMs) };
  await git(at, words, { input, output, memoryBytes: changeMemoryBytes });
  return meter.problem();
}

function readingFile<T>(file: string, read: (descriptor: number) => Promise<T>): Promise<T> {
  const descriptor = openSync(file, "r");
  return read(descriptor).finally(() => closeSync(descriptor));
}

function readLines(file: string): string[] {
  return readFileSync(file, "latin1").split("\n").filter(Boolean);
}

function renderLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** As `objectFormat` has git tell them. */
function renderObjects(objects: readonly (KnownObject | undefined)[]): Buffer {
  return Buffer.from(
    renderLines(objects.map((one) => (one ? `${one.type} ${one.size} ${one.base}` : "missing"))),
  );
}
