/**
 * The tiers of the tests, for scripts/test, which has brought what they need: `bun scripts/test-tiers.ts [FLAG...] TIER...`.
 *
 *   --failed          of these tiers only the files with failures of the last run
 *   --again           run the few files in which something failed a second time, alone
 *   --list            print the tiers that there is something to run of, and run nothing
 *   --jobs N          processes that run test files side by side, where they may
 *   --patience N      minutes in which nothing may happen before it counts as hung
 *   --temporary PATH  a folder for what the tests make
 *   --counts PATH     a file that always has "PASSED FAILED SKIPPED" so far
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readRecord } from "./lib/test/record.ts";
import type { TestRecord } from "./lib/test/record.ts";
import { runTests } from "./lib/test/run-tests.ts";
import { openScreen } from "./lib/test/screen.ts";
import { describeFilter } from "../test/support/pipelock-image.ts";
import { listTierFiles, planTier, tierNames, typicalSeconds } from "./lib/test/tiers.ts";
import type { TierName, TierPlan } from "./lib/test/tiers.ts";

const root = join(import.meta.dir, "..");
const recordPath = join(root, ".cache/last-tests.json");
/** What keeps `bun test` from naming each test, or has it name them in another way */
const notForBun = new Set(["CLAUDECODE", "AGENT", "REPL_ID", "GITHUB_ACTIONS", "FORCE_COLOR"]);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    failed: { type: "boolean", default: false },
    again: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    jobs: { type: "string", default: "1" },
    patience: { type: "string", default: "10" },
    temporary: { type: "string", default: "" },
    counts: { type: "string", default: "" },
  },
});

/** Of a single test; a process has a little more, since a test that is ended is known by its name */
const limitMs = Number(values.patience) * 60_000;
const graceMs = 30_000;
const jobs = Number(values.jobs);

function secondsIn({ seconds }: TestRecord, tier: TierName, file: string): number {
  return seconds[file] ?? typicalSeconds[tier];
}

async function makePlans(record: TestRecord): Promise<TierPlan[]> {
  const wanted = tierNames.filter((tier) => positionals.includes(tier));
  const plans = await Promise.all(
    wanted.map(async (tier) => {
      const all = await listTierFiles(root, tier);
      const files = values.failed ? all.filter((file) => record.failed[tier]?.includes(file)) : all;
      return planTier(tier, files, {
        root,
        limitMs,
        jobs,
        secondsOf: (file) => secondsIn(record, tier, file),
      });
    }),
  );
  return plans.filter(({ shared, alone, lacking }) => shared.length + alone.length + lacking.length > 0);
}

const record = await readRecord(recordPath);
const plans = await makePlans(record);
if (values.list) {
  console.log(plans.map((plan) => plan.name).join(" "));
  process.exit();
}

const stop = new AbortController();
for (const [signal, number] of [
  ["SIGINT", 2],
  ["SIGTERM", 15],
  ["SIGHUP", 1],
] as const)
  process.once(signal, () => {
    process.exitCode = 128 + number;
    stop.abort();
  });
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !notForBun.has(name)));
const counts = await runTests({
  plans,
  jobs,
  secondsOf: ({ name }, file) => secondsIn(record, name, file),
  screen: openScreen(process.stdout, () => performance.now() / 1_000),
  recordPath,
  again: values.again,
  onCounts: ({ passed, failed, skipped }) => writeFileSync(values.counts, `${passed} ${failed} ${skipped}\n`),
  root,
  env: { ...env, CLAUDE_BOTTLE_TEST_LIMIT_MS: String(limitMs) },
  temporary: values.temporary,
  idleMs: limitMs + graceMs,
  signal: stop.signal,
});
const filter = process.env["CLAUDE_BOTTLE_PIPELOCK_IMAGE"];
if (filter && plans.some(({ name }) => name === "engine" || name === "session"))
  console.log(`\nFilter: ${describeFilter(filter)}`);
if (counts.failed > 0) process.exitCode ??= 1;
