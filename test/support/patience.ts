/**
 * How long a test waits for what is to come about. A limit only ends what hangs, and how long things take is the machine's affair:
 * `scripts/test` says how long nothing may happen, and no limit is shorter then. `bun test` by itself keeps the limits as they are written,
 * which is quicker where something is broken.
 */

/** What a single test has under `scripts/test`; 0 elsewhere */
export const testLimitMs = Number(process.env["CLAUDE_BOTTLE_TEST_LIMIT_MS"] ?? "0");

/** A wait of less is to come to its end: that is what its test is about */
const leastMs = 1_000;

/** For a wait within a test, whose end tells more than that of the test does. */
export function patient(ms: number): number {
  return ms < leastMs ? ms : Math.max(ms, testLimitMs / 2);
}
