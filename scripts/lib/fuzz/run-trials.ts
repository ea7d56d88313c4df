/** Runs a fuzzer's trials, one for each seed. */
import type { Fuzzer } from "./fuzzer.ts";
import { Picker } from "./picker.ts";

export interface Trials {
  /** Of the first trial; the next one has the next seed, so each can be had alone */
  readonly seed: number;
  readonly count: number;
}

export interface Failure {
  readonly seed: number;
  readonly problem: string;
}

const maxFailures = 10;

/** Stops after a few failures: more of them say little. */
export async function runTrials(
  fuzzer: Fuzzer,
  { seed: first, count }: Trials,
): Promise<{ readonly failures: readonly Failure[]; readonly trials: number }> {
  const failures: Failure[] = [];
  let trials = 0;
  while (trials < count && failures.length < maxFailures) {
    const seed = first + trials;
    trials += 1;
    const problem = await tryOne(fuzzer, seed);
    if (problem !== undefined) failures.push({ seed, problem });
  }
  return { failures, trials };
}

async function tryOne(fuzzer: Fuzzer, seed: number): Promise<string | undefined> {
  try {
    return await fuzzer.try(new Picker(seed));
  } catch (error) {
    return `it threw ${error instanceof Error ? error.stack : String(error)}`;
  }
}
