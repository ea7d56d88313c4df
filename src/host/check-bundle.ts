/**
 * A bundle's objects, looked at before any of them is in the user's repository: that each is sound, that all of them together are in
 * measure, and that what a user does with them next takes no more than there is for it.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  changeMemoryBytes,
  changeWords,
  makeChangeMeter,
  makeObjectMeter,
  makeSizeMeter,
  objectFormat,
} from "../core/work-measures.ts";
import type { Meter } from "../core/work-measures.ts";
import { settleAll } from "../core/settle.ts";
import { limitsFor, must, runOnBrought } from "./brought-git.ts";
import type { BroughtRun } from "./brought-git.ts";
import type { BundleHeader } from "./bundle-header.ts";
import type { Env } from "./git.ts";
import type { GitLimits } from "./git-process.ts";

export interface BundleCheck {
  readonly bundle: string;
  readonly header: BundleHeader;
  /** For folders that are removed again */
  readonly scratch: string;
  readonly env: Env;
  /** What the user's repository has; undefined where there is none */
  readonly own: OwnRepository | undefined;
}

export interface OwnRepository {
  /** Absolute folder */
  readonly objects: string;
  /** Where its refs are */
  readonly tips: readonly string[];
  /** Objects may be missing, which git would fetch */
  readonly isPartial: boolean;
}

/** Git compares files in memory that have less than 512 MiB (core.bigFileThreshold) */
const usualMemoryBytes = 1_536 * 1024 * 1024;

/** Calls `use` with a git folder that has the objects. Throws a sentence about the bundle. */
export async function withCheckedObjects<T>(
  check: BundleCheck,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const { bundle, header, scratch, env, own } = check;
  const folder = await mkdtemp(join(scratch, "check-"));
  const limits = limitsFor((await stat(bundle)).size);
  const place = { folder, env, limits };
  try {
    await makeGitFolder(folder, header.objectFormat);
    if (own) await writeFile(join(folder, "objects/info/alternates"), `${own.objects}\n`);
    await indexPack(check, place);
    const listing = { ...place, words: [gitDir(place), "rev-list", "--stdin"], input: newCommits(check) };
    const [, commits] = await settleAll([measureObjects(check, place), must(listing)]);
    await measureChanges(check, place, commits);
    await tryLog(check, place);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An empty bare repository, as `git init` makes it (gitrepository-layout(5)). */
async function makeGitFolder(folder: string, objectFormat: BundleHeader["objectFormat"]): Promise<void> {
  await Promise.all(["objects/info", "refs"].map((name) => mkdir(join(folder, name), { recursive: true })));
  const isOther = objectFormat !== "sha1";
  const extensions = isOther ? `[extensions]\n\tobjectFormat = ${objectFormat}\n` : "";
  const settings = `[core]\n\trepositoryformatversion = ${isOther ? 1 : 0}\n\tbare = true\n${extensions}`;
  await writeFile(join(folder, "HEAD"), "ref: refs/heads/main\n");
  await writeFile(join(folder, "config"), settings);
}

interface Place {
  readonly folder: string;
  readonly env: Env;
  readonly limits: GitLimits;
}

/**
 * `git fetch` checks the objects of a bundle only from git 2.46 on, whatever its settings say; `index-pack --strict` does so in all
 * versions, and that every object it points to is there.
 */
async function indexPack({ bundle, header }: BundleCheck, place: Place): Promise<void> {
  const words = [gitDir(place), "index-pack", "--strict", "--fix-thin", "--stdin", "--threads=1"];
  const pack = openAt(bundle, header.packOffset);
  const { isFine, complaint } = await runOnBrought({ ...place, words, input: pack }).finally(() =>
    closeSync(pack),
  );
  if (!isFine) throw new Error(`git finds errors in its objects: ${complaint}`);
}

/** What the user's repository has already costs nothing more. */
async function measureObjects({ own }: BundleCheck, place: Place): Promise<void> {
  const packs = join(place.folder, "objects/pack");
  const index = (await readdir(packs)).find((name) => name.endsWith(".idx"));
  if (index === undefined) return;
  const file = openSync(join(packs, index), "r");
  const listing = { ...place, words: [gitDir(place), "show-index"], input: file };
  const listed = await must(listing).finally(() => closeSync(file));
  let ids = [...listed.matchAll(/^\d+ ([0-9a-f]+)/gm)].map(([, id = ""]) => id);
  if (own) ids = await withoutKnown(ids, own.objects, place);
  const words = [gitDir(place), "cat-file", "--buffer", objectFormat];
  await measure({ ...place, words, input: renderLines(ids) }, makeObjectMeter());
}

async function withoutKnown(ids: readonly string[], objects: string, place: Place): Promise<string[]> {
  // As if the new ones were not there
  const variables = { GIT_OBJECT_DIRECTORY: objects };
  const words = [gitDir(place), "cat-file", "--buffer", "--batch-check=%(objecttype)"];
  const types = (await must({ ...place, variables, words, input: renderLines(ids) })).split("\n");
  return ids.filter((_, at) => types[at]?.endsWith(" missing"));
}

/** Of all commits that are new to the user. */
async function measureChanges(check: BundleCheck, place: Place, commits: string): Promise<void> {
  const changes = makeChangeMeter();
  const limits = { ...place.limits, memoryBytes: changeMemoryBytes };
  const listing = { ...place, limits, words: [gitDir(place), ...changeWords], input: commits };
  await measure(listing, changes, (complaint) => isMissing(check, complaint));
  const words = [gitDir(place), "cat-file", "--buffer", objectFormat];
  const sizes = makeSizeMeter(changes.ids);
  await measure({ ...place, words, input: renderLines([...changes.ids.keys()]) }, sizes);
}

/** What a user is told to type; contents may be made to be hard to compare (long runs of short lines, many files that are almost alike). */
async function tryLog(check: BundleCheck, place: Place): Promise<void> {
  const words = [gitDir(place), "log", "--oneline", "--stat", "--no-ext-diff", "--no-textconv", "--stdin"];
  const { objectBytes: _, ...limits } = { ...place.limits, memoryBytes: usualMemoryBytes };
  const { isFine, complaint } = await runOnBrought({
    ...place,
    limits,
    words,
    input: newCommits(check),
    onOutput: () => true,
    hasUsualThreshold: true,
  });
  if (!isFine && !isMissing(check, complaint)) throw new Error(`"git log --stat" of it fails: ${complaint}`);
}

/** Throws a sentence, unless it is a complaint that may be. */
async function measure(
  run: BroughtRun,
  meter: Meter,
  mayBe: (complaint: string) => boolean = () => false,
): Promise<void> {
  const { isFine, complaint } = await runOnBrought({ ...run, onOutput: (data) => meter.take(data) });
  const problem = meter.problem() ?? (isFine || mayBe(complaint) ? undefined : complaint);
  if (problem !== undefined) throw new Error(problem);
}

/** Of a partial clone git may lack what it compares with; the user's own git fetches that. */
function isMissing({ own }: BundleCheck, complaint: string): boolean {
  return own?.isPartial === true && !/memory|alloc|map/i.test(complaint);
}

function newCommits({ header, own }: BundleCheck): string {
  const known = [...header.prerequisites, ...(own?.tips ?? [])];
  return renderLines([...header.refs.map((ref) => ref.id), ...known.map((id) => `^${id}`)]);
}

function renderLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

function gitDir({ folder }: Place): string {
  return `--git-dir=${folder}`;
}

/** A descriptor whose next byte is the one at `offset`. A slice of a `Bun.file` is no way: as a child's input it is the whole file. */
function openAt(path: string, offset: number): number {
  const file = openSync(path, "r");
  const skipped = Buffer.alloc(64 * 1024);
  for (let left = offset; left > 0;) {
    const read = readSync(file, skipped, 0, Math.min(left, skipped.length), null);
    if (read === 0) break;
    left -= read;
  }
  return file;
}
