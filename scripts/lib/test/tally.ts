/** What a run of the tests has come to so far. */
import type { Counts, TestResult } from "./result.ts";

/** The part of one process. */
export interface RunTally {
  add(result: TestResult): void;
  counts(): Counts;
  /** What was heard may have lost a line, or had one that only looked like a result: from here on this counts */
  settle(counts: Counts): void;
}

export interface Tally {
  beginRun(tier: string): RunTally;
  /** Of one tier, or of all */
  counts(tier?: string): Counts;
  /** In the order in which they came */
  results(): readonly TestResult[];
  /** These failed and have passed since: they count as passed */
  forgive(tier: string, results: readonly TestResult[]): void;
}

const none: Counts = { passed: 0, failed: 0, skipped: 0 };

export function makeTally(): Tally {
  const runs: { readonly tier: string; counts: Counts }[] = [];
  let results: TestResult[] = [];
  return {
    beginRun(tier) {
      const run = { tier, counts: none };
      runs.push(run);
      return {
        add(result) {
          run.counts = { ...run.counts, [result.verdict]: run.counts[result.verdict] + 1 };
          results.push(result);
        },
        counts: () => run.counts,
        settle: (counts) => void (run.counts = counts),
      };
    },
    counts: (tier) =>
      runs
        .filter((run) => tier === undefined || run.tier === tier)
        .reduce((sum, run) => add(sum, run.counts), none),
    results: () => results,
    forgive(tier, forgiven) {
      runs.push({ tier, counts: { passed: forgiven.length, failed: -forgiven.length, skipped: 0 } });
      results = results.map((one) => (forgiven.includes(one) ? { ...one, verdict: "passed" } : one));
    },
  };
}

function add(one: Counts, other: Counts): Counts {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

/** `3 passed, 0 failed, 1 skipped` */
export function renderCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
