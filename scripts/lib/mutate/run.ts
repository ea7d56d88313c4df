/** Draws, tries and tells: the whole of `scripts/mutate`. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { bundledFolder, programs } from "../../bundle-sidecar.ts";
import { applyChange, sampleChanges, tellChange } from "./change.ts";
import type { Change } from "./change.ts";
import { makeCopy } from "./copy.ts";
import { drawChanges } from "./draw.ts";
import { equivalentsPath, isAmong, parseEquivalents } from "./equivalents.ts";
import type { MutateOptions } from "./options.ts";
import { countByFolder, folderOf, isReached, renderCounts } from "./report.ts";
import { addResult, isCurrent, readResults } from "./results.ts";
import type { Result } from "./results.ts";
import { findNamers, findReachingTests, measureDistances } from "./test-graph.ts";
import { Trials } from "./try-change.ts";
import type { Trial, Verdict } from "./try-change.ts";

/** Takes as long as all others together, so it is asked last */
const slowTests = new Set(["test/socket/laws.test.ts"]);

type Files = ReadonlyMap<string, string>;

/** False if a folder missed its share. Throws if no source is at a place. */
export async function runMutations(
  checkout: string,
  options: MutateOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const files = await readFiles(checkout);
  const changes = await chooseChanges(checkout, files, options);
  if (options.isForList) {
    console.log(changes.map(tellChange).join("\n"));
    return true;
  }
  const results = await tryAll(checkout, files, changes, options, signal);
  return report(results, changes);
}

/** All texts by path that may name a source. */
async function readFiles(checkout: string): Promise<Files> {
  const pattern = new Bun.Glob("{src,scripts,test}/**/*.{ts,sh,Dockerfile}");
  const paths = (await Array.fromAsync(pattern.scan({ cwd: checkout }))).toSorted();
  const texts = await Promise.all(paths.map((path) => readFile(join(checkout, path), "utf8")));
  return new Map(paths.map((path, index) => [path, texts[index] ?? ""]));
}

async function chooseChanges(checkout: string, files: Files, options: MutateOptions): Promise<Change[]> {
  const { places, sample, seed } = options;
  const isAt = (path: string, place: string) => path === `src/${place}` || path.startsWith(`src/${place}/`);
  const sources = [...files.keys()].filter(
    (path) => path.startsWith("src/") && path.endsWith(".ts") && !path.endsWith(".d.ts"),
  );
  const nowhere = places.find((place) => !sources.some((path) => isAt(path, place)));
  if (nowhere !== undefined) throw new Error(`Cannot change "${nowhere}": src has no source there`);
  const chosen = sources.filter((path) => places.length === 0 || places.some((place) => isAt(path, place)));
  const equivalents = parseEquivalents(await readFile(join(checkout, equivalentsPath), "utf8"));
  const drawn: Change[] = [];
  for (const path of chosen) drawn.push(...(await drawChanges(path, files.get(path) ?? "")));
  const counted = drawn.filter((change) => !isAmong(equivalents, change));
  const groups = Map.groupBy(counted, ({ file }) => folderOf(file));
  return [...groups.values()].flatMap((group) => sampleChanges(group, sample, seed));
}

async function tryAll(
  checkout: string,
  files: Files,
  changes: readonly Change[],
  options: MutateOptions,
  signal: AbortSignal,
): Promise<Result[]> {
  const path = resolve(checkout, options.results);
  const known = options.isAgain ? new Map<string, Result>() : await readResults(path);
  const tests = digest([...files].filter(([file]) => file.startsWith("test/")).flat());
  await using copy = await makeCopy(checkout);
  const trials = new Trials(copy, options.seconds, signal);
  const toTrial = planTrials(files, options);
  const results: Result[] = [];
  for (const [index, change] of changes.entries()) {
    const source = digest([files.get(change.file) ?? ""]);
    const now = { source, tests, ...howAsked(options) };
    const before = known.get(change.id);
    if (before && isCurrent(before, now)) {
      results.push({ ...before, line: change.line });
      continue;
    }
    const verdict = await trials.try(toTrial(change));
    // What was stopped half way says nothing
    if (signal.aborted) break;
    const { start: _start, end: _end, replacement: _replacement, ...told } = change;
    const result: Result = { ...told, ...now, ...verdict, by: verdict.by ?? null };
    await addResult(path, result);
    results.push(result);
    console.error(
      `${index + 1} of ${changes.length}  ${tellVerdict(verdict)}  ${change.file}:${change.line}`,
    );
  }
  for (const test of trials.broken) console.error(`${test} fails without any change and was not asked`);
  return results;
}

function howAsked({ isForEngine, seconds, near }: MutateOptions) {
  return { withEngine: isForEngine, seconds, ...(Number.isFinite(near) && { near }) };
}

function planTrials(files: Files, { near, isForEngine }: MutateOptions): (change: Change) => Trial {
  const bundles = Object.fromEntries(
    Object.entries(programs).map(([entry, name]) => [`${bundledFolder}/${name}`, entry]),
  );
  const namers = findNamers(files, bundles);
  return (change) => {
    const distances = measureDistances(change.file, namers);
    const reaching = (...folders: string[]) => findReachingTests(change.file, distances, folders);
    const tests = reaching("test/unit", "test/socket");
    return {
      file: change.file,
      text: applyChange(files.get(change.file) ?? "", change),
      isBundled: Object.keys(programs).some((entry) => distances.has(entry)),
      tests: tests.toSorted((a, b) => Number(slowTests.has(a)) - Number(slowTests.has(b))).slice(0, near),
      engineTests: isForEngine ? reaching("test/engine").slice(0, near) : [],
    };
  };
}

function report(results: readonly Result[], changes: readonly Change[]): boolean {
  const unnoticed = new Set(results.filter(({ by }) => by === null).map(({ id }) => id));
  for (const change of changes.filter(({ id }) => unnoticed.has(id))) console.log(`${tellChange(change)}\n`);
  const counts = countByFolder(results);
  console.log(renderCounts(counts));
  const cut = results.filter((result) => result.by === null && result.isCutShort).length;
  if (cut > 0)
    console.log(`For ${cut} of the unnoticed the time ended before all tests had been asked (--seconds)`);
  return counts.every(isReached);
}

function tellVerdict({ by, test }: Verdict): string {
  if (by === undefined) return "unnoticed";
  return test === undefined ? by : `${by} (${test})`;
}

function digest(texts: readonly string[]): string {
  return createHash("sha256").update(texts.join("\0")).digest("hex").slice(0, 16);
}
