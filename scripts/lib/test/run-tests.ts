/** Runs tiers one after the other, shows how far it is, and writes down what the next run wants to know. */
import type { Watcher } from "./listen.ts";
import { makeProgress, renderSeconds } from "./progress.ts";
import type { PlannedFile } from "./progress.ts";
import { readRecord, updateRecord, writeRecord } from "./record.ts";
import { renderReport } from "./report.ts";
import { runFailedAgain } from "./run-again.ts";
import type { Counts } from "./result.ts";
import type { Batch, BatchContext } from "./run-batch.ts";
import { runTier } from "./run-tier.ts";
import type { Screen } from "./screen.ts";
import { makeTally, renderCounts } from "./tally.ts";
import type { Tally } from "./tally.ts";
import type { TierPlan } from "./tiers.ts";

export interface TestsToRun extends Omit<BatchContext, "tally" | "watcher"> {
  readonly plans: readonly TierPlan[];
  /** How many batches run side by side where they may */
  readonly jobs: number;
  readonly secondsOf: (plan: TierPlan, file: string) => number;
  readonly screen: Screen;
  readonly recordPath: string;
  /** Whether the few files in which something failed are run a second time */
  readonly again?: boolean;
  /** Called whenever there is more to count */
  readonly onCounts: (counts: Counts) => void;
}

const redrawMs = 1_000;
const now = () => performance.now() / 1_000;

export async function runTests(request: TestsToRun): Promise<Counts> {
  const { plans, jobs, screen, signal, recordPath, onCounts } = request;
  const tally = makeTally();
  const progress = makeProgress(listPlanned(request), now);
  const finished = new Map<string, number>();
  const watcher = makeWatcher(request, {
    progress,
    onFinished: (file, seconds) => finished.set(file, seconds),
  });
  const redraw = setInterval(() => {
    screen.show(progress.render());
    onCounts(tally.counts());
  }, redrawMs);
  for (const plan of plans) {
    if (signal.aborted) break;
    const begun = now();
    progress.beginTier(plan.name);
    screen.say(`\n== ${plan.name}`);
    skipLacking(plan, tally, screen);
    await runTier(plan, jobs, { ...request, tally, watcher });
    screen.say(`${plan.name}: ${renderCounts(tally.counts(plan.name))} in ${renderSeconds(now() - begun)}`);
    onCounts(tally.counts());
  }
  const unsteady = request.again === true ? await runFailedAgain(request, tally, watcher) : [];
  onCounts(tally.counts());
  clearInterval(redraw);
  screen.close();
  for (const line of renderReport(tally.results(), unsteady)) screen.say(line);
  await writeRecord(recordPath, updateRecord(await readRecord(recordPath), finished, tally.results()));
  return tally.counts();
}

/** A file that cannot be run counts as one test that is skipped. */
function skipLacking({ name: tier, lacking }: TierPlan, tally: Tally, screen: Screen): void {
  const run = tally.beginRun(tier);
  for (const { file, program } of lacking) {
    screen.say(`Skipping ${file}: ${program} is not installed`);
    run.add({ tier, file, name: `needs ${program}`, verdict: "skipped", ms: 0 });
  }
}

function listPlanned({ plans, jobs, secondsOf }: TestsToRun): PlannedFile[] {
  return plans.flatMap((plan) => {
    const list = (batches: readonly Batch[], beside: number) =>
      batches
        .flatMap(({ files }) => files)
        .map((file) => ({ tier: plan.name, file, seconds: secondsOf(plan, file), beside }));
    return [...list(plan.shared, jobs), ...list(plan.alone, 1)];
  });
}

interface Following {
  readonly progress: ReturnType<typeof makeProgress>;
  readonly onFinished: (file: string, seconds: number) => void;
}

function makeWatcher({ screen }: TestsToRun, { progress, onFinished }: Following): Watcher {
  let shownFile = "";
  return {
    onFile: (_tier, file) => progress.begin(file),
    onFileEnd(_tier, file, seconds) {
      progress.end(file);
      onFinished(file, seconds);
    },
    onText(file, lines) {
      if (file !== shownFile && file !== "") screen.say(`\n${file}:`);
      shownFile = file;
      for (const line of lines) screen.say(line);
    },
  };
}
