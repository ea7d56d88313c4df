/** The words of `scripts/mutate`. */
import { parseArgs } from "node:util";

export const help = `scripts/mutate: changes the sources one at a time, and tells which changes nothing notices

Draws single changes by chance (a condition turned, a boundary moved, a call left out, a default or a return swapped), makes each in a copy
of the checkout, and looks who notices: the tests nearest to the changed file by their imports (its twin first), then the types, then the
other tests of the unit and socket tiers that lead to it. The first that notices ends the search. Changes that change nothing stand in test/equivalent-mutants.jsonc with their reasons, and do not count.

  scripts/mutate                             40 changes of each folder of src, by seed 1
  scripts/mutate sidecar/gate                40 of one folder below src; several may be named, and single files
  scripts/mutate plan --sample 100 --seed 7  more, and others. A change keeps its place in a seed as long as its line stays as it is
  scripts/mutate host --sample all           every change
  scripts/mutate host --list                 only prints the changes
  scripts/mutate bottle --engine             what no other test noticed is tried by the nearest engine tests, and counted apart
  scripts/mutate plan --seconds 60           begins no more tests for a change once they have taken so long (150)
  scripts/mutate plan --near 8               asks the nearest 8 test files and no other, which is fast and lets some more through
  scripts/mutate plan --results FILE         where the results are kept, a line of JSON each (.cache/mutate.jsonl)
  scripts/mutate plan --again                tries what is in there once more

A run that was stopped goes on where it was: what is known of a change holds until its file changes, and that nothing noticed it until a test
does. Prints what nothing noticed, and counts by folder with the share that is wanted. The exit code is 1 if a share is not reached.
`;

export interface MutateOptions {
  /** Paths below `src`; none for all */
  readonly places: readonly string[];
  /** Changes per folder */
  readonly sample: number;
  readonly seed: number;
  readonly seconds: number;
  /** How many test files are asked of those that lead to a change, nearest first */
  readonly near: number;
  readonly results: string;
  readonly isForEngine: boolean;
  readonly isForList: boolean;
  readonly isAgain: boolean;
}

/** Throws what `parseArgs` throws for words it does not know. Undefined if help was asked for. */
export function readOptions(words: readonly string[]): MutateOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      sample: { type: "string", default: "40" },
      seed: { type: "string", default: "1" },
      seconds: { type: "string", default: "150" },
      near: { type: "string", default: "all" },
      results: { type: "string", default: ".cache/mutate.jsonl" },
      engine: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      again: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    places: positionals.map((place) => place.replace(/^src\//, "").replace(/\/+$/, "")),
    sample: readCount("--sample", values.sample),
    seed: readNumber("--seed", values.seed),
    seconds: readNumber("--seconds", values.seconds),
    near: readCount("--near", values.near),
    results: values.results,
    isForEngine: values.engine,
    isForList: values.list,
    isAgain: values.again,
  };
}

function readCount(name: string, text: string): number {
  return text === "all" ? Number.POSITIVE_INFINITY : readNumber(name, text);
}

function readNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${name} takes a number, not "${text}"`);
}
