/** What a run of the tests has found, in lines for people. */
import { renderSeconds } from "./progress.ts";
import type { TestResult } from "./result.ts";

const maxSkips = 30;
const slowest = 10;
/** Nobody waits for less */
const slowMs = 1_000;

/** What was skipped, what took longest, what passed only the second time, and what failed: people look for the last, so it is last. */
export function renderReport(results: readonly TestResult[], unsteady: readonly TestResult[] = []): string[] {
  return [
    ...renderSkips(results),
    ...renderSlow(results),
    ...renderUnsteady(unsteady),
    ...renderFailures(results),
  ];
}

function renderUnsteady(unsteady: readonly TestResult[]): string[] {
  if (unsteady.length === 0) return [];
  return [
    "",
    "Unsteady (failed, and passed when run again alone):",
    ...unsteady.map((one) => `  ${nameOf(one)}`),
  ];
}

function renderSkips(results: readonly TestResult[]): string[] {
  const skips = results.filter((one) => one.verdict === "skipped").map(nameOf);
  if (skips.length === 0) return [];
  const more = skips.length > maxSkips ? [`  and ${skips.length - maxSkips} more`] : [];
  return ["", "Skipped:", ...skips.slice(0, maxSkips).map((name) => `  ${name}`), ...more];
}

function renderSlow(results: readonly TestResult[]): string[] {
  const slow = results.filter((one) => one.ms >= slowMs).toSorted((a, b) => b.ms - a.ms);
  if (slow.length === 0) return [];
  return [
    "",
    "Slowest:",
    ...slow.slice(0, slowest).map((one) => `  ${renderSeconds(one.ms / 1_000).padStart(10)}  ${nameOf(one)}`),
  ];
}

function renderFailures(results: readonly TestResult[]): string[] {
  const failures = results.filter((one) => one.verdict === "failed").map(nameOf);
  if (failures.length === 0) return [];
  return ["", "Failed:", ...failures.map((name) => `  ${name}`), "Again: scripts/test --failed"];
}

function nameOf({ file, name }: TestResult): string {
  return file === name ? file : `${file}: ${name}`;
}
