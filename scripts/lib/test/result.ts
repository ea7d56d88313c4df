/** What is known of a test once it has finished, whatever ran it. */

export type Verdict = "passed" | "failed" | "skipped";

export interface TestResult {
  readonly tier: string;
  /** A test file, or a part of the checks */
  readonly file: string;
  /** As the test command prints it: `describe > test` */
  readonly name: string;
  readonly verdict: Verdict;
  readonly ms: number;
}

export type Counts = Readonly<Record<Verdict, number>>;
