/** Whether what is new in a repository is in measure, before it is packed: see `workMeasures`. */
import { closeSync, fstatSync, openSync, rmSync } from "node:fs";
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
import { git, GitFailure } from "./git.ts";
import type { GitPlace } from "./git.ts";

/** What is in measure is listed within seconds; under gVisor git takes minutes to find that trees have no end */
const measureMs = 60_000;

/** What is out of measure, or why git cannot tell; undefined for nothing. A history with holes is not judged, since packing judges it. */
export async function findExcess(
  place: GitPlace,
  names: readonly string[],
  known: readonly string[],
): Promise<string | undefined> {
  if (names.length === 0) return undefined;
  const revisions = [...names, ...known.map((id) => `^${id}`)].map((line) => `${line}\n`).join("");
  const input = Buffer.from(revisions, "latin1");
  const objects = ["rev-list", "--objects", "--no-object-names", "--missing=allow-any", "--stdin"];
  const sizes = ["cat-file", "--buffer", objectFormat];
  try {
    const changes = makeChangeMeter();
    return (
      (await pipe(place, objects, input, sizes, makeObjectMeter())) ??
      (await pipe(place, ["rev-list", "--stdin"], input, changeWords, changes)) ??
      (changes.ids.size === 0
        ? undefined
        : await measure(place, sizes, renderIds(changes.ids), makeSizeMeter(changes.ids)))
    );
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    return error.isLimit ? error.message : undefined;
  }
}

/** Both can be larger than memory, so the one's output lies in a file before the other reads it. */
async function pipe(
  place: GitPlace,
  from: readonly string[],
  input: Buffer,
  to: readonly string[],
  meter: Meter,
): Promise<string | undefined> {
  const file = join(place.gitFolder, "listed");
  const output = openSync(file, "w+");
  try {
    await git(place, from, { input, output });
    if (fstatSync(output).size === 0) return undefined;
    const listed = openSync(file, "r");
    return await measure(place, to, listed, meter).finally(() => closeSync(listed));
  } finally {
    closeSync(output);
    rmSync(file, { force: true });
  }
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

function renderIds(ids: ReadonlyMap<string, number>): Buffer {
  return Buffer.from([...ids.keys()].map((id) => `${id}\n`).join(""));
}
