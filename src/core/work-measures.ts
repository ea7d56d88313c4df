/**
 * How much a repository's new work may be once it is unpacked and checked out. A pack of a few thousand bytes can hold objects that unpack
 * to gigabytes, and trees that hold each other become millions of files; what is in measure costs whoever takes it over no more than this.
 */
import { renderBytes } from "./text.ts";

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;

export interface WorkMeasures {
  readonly objects: number;
  /** One object; what is larger than `differenceBytes` is unpacked piece by piece */
  readonly objectBytes: number;
  /** One that is kept as a difference to another: git has both in memory as a whole, and once more */
  readonly differenceBytes: number;
  /** All objects */
  readonly unpackedBytes: number;
  /** Files and folders that commits add, change or remove, counted again for each commit */
  readonly changes: number;
  /** What commits add or change */
  readonly changedBytes: number;
  /** PATH_MAX of Linux: a longer path cannot be checked out */
  readonly pathBytes: number;
}

export const workMeasures: WorkMeasures = {
  objects: 2_000_000,
  objectBytes: gibibyte,
  differenceBytes: 256 * mebibyte,
  unpackedBytes: 4 * gibibyte,
  changes: 500_000,
  changedBytes: 4 * gibibyte,
  pathBytes: 4_096,
};

/** Takes the output of a git as it comes. */
export interface Meter {
  /** False once it is out of measure */
  take(data: Uint8Array): boolean;
  /** What is out of measure, as the end of a sentence; undefined for nothing so far */
  problem(): string | undefined;
}

/** For `git cat-file --batch-check` with this format; what is missing counts nothing. */
export const objectFormat = "--batch-check=%(objecttype) %(objectsize) %(deltabase)";

/** Of objects, each once. */
export function makeObjectMeter(measures: WorkMeasures = workMeasures): Meter {
  let count = 0;
  let unpacked = 0;
  return makeMeter("\n", 1_024, (line) => {
    const [, text, base] = /^(?:blob|tree|commit|tag) (\d+) ([0-9a-f]+)$/.exec(line) ?? [];
    if (text === undefined || base === undefined) return undefined;
    const size = Number(text);
    const most = /[^0]/.test(base) ? measures.differenceBytes : measures.objectBytes;
    count += 1;
    unpacked += size;
    if (size > most) return `one object has ${renderBytes(size)}, and at most ${renderBytes(most)} are taken`;
    if (count > measures.objects) return `it has more than ${measures.objects} objects`;
    if (unpacked > measures.unpackedBytes)
      return `it unpacks to more than ${renderBytes(measures.unpackedBytes)}`;
    return undefined;
  });
}

/** Half a million changes take 150 MiB, and git tells none before it has all of a commit: what wants more is out of measure anyway */
export const changeMemoryBytes = 256 * mebibyte;

/** Lists commits on stdin; a merge's changes are those against all of its parents. */
export const changeWords = [
  "diff-tree",
  "--stdin",
  "-r",
  "-t",
  "-z",
  "-c",
  "--root",
  "--no-renames",
  "--no-commit-id",
] as const;

export interface ChangeMeter extends Meter {
  /** Ids of what was added or changed, and how often */
  readonly ids: ReadonlyMap<string, number>;
}

/** For the output of `changeWords` (git-diff-tree(1), "RAW OUTPUT FORMAT"). */
export function makeChangeMeter(measures: WorkMeasures = workMeasures): ChangeMeter {
  const ids = new Map<string, number>();
  let count = 0;
  const meter = makeMeter("\0", measures.pathBytes, (line) => {
    // A colon for each parent; a path may look alike, and then counts once more
    const colons = /^:+(?=\d{6} )/.exec(line)?.[0].length ?? 0;
    if (colons === 0) return undefined;
    count += 1;
    if (count > measures.changes) return `its commits change more than ${measures.changes} files and folders`;
    const fields = line.slice(colons).split(" ");
    const id = fields[2 * colons + 1] ?? "";
    if (fields[colons]?.startsWith("10") && /[^0]/.test(id)) ids.set(id, (ids.get(id) ?? 0) + 1);
    return undefined;
  });
  return { ...meter, ids };
}

/** For `objectFormat` of the ids in their order: what they are in all, each as often as it is written. */
export function makeSizeMeter(
  ids: ReadonlyMap<string, number>,
  measures: WorkMeasures = workMeasures,
): Meter {
  const times = ids.values();
  let bytes = 0;
  return makeMeter("\n", 1_024, (line) => {
    const size = Number(/^blob (\d+) /.exec(line)?.[1] ?? 0);
    bytes += size * (times.next().value ?? 0);
    return bytes > measures.changedBytes
      ? `what its commits change has more than ${renderBytes(measures.changedBytes)} in all`
      : undefined;
  });
}

/** `judge` gets each piece, without its end, as latin1. */
function makeMeter(end: string, maxBytes: number, judge: (piece: string) => string | undefined): Meter {
  let rest = "";
  let found: string | undefined;
  return {
    take(data) {
      if (found !== undefined) return false;
      const pieces = (rest + Buffer.from(data).toString("latin1")).split(end);
      rest = pieces.pop() ?? "";
      for (const piece of pieces) {
        found = piece.length > maxBytes ? tooLong(maxBytes) : judge(piece);
        if (found !== undefined) return false;
      }
      if (rest.length > maxBytes) found = tooLong(maxBytes);
      return found === undefined;
    },
    problem: () => found,
  };
}

function tooLong(maxBytes: number): string {
  return `a path in it has more than ${maxBytes} bytes`;
}
