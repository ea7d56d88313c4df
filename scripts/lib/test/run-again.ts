/**
 * A second look at the few files in which something failed: each is run once more with nothing beside it. What passes then is no
 * less of a fault (of the test or of the product), but of another kind, and is listed as unsteady for somebody to look at.
 */
import type { Watcher } from "./listen.ts";
import type { TestResult } from "./result.ts";
import { runBatch } from "./run-batch.ts";
import type { BatchContext } from "./run-batch.ts";
import type { Screen } from "./screen.ts";
import { makeTally } from "./tally.ts";
import type { Tally } from "./tally.ts";
import type { TierPlan } from "./tiers.ts";

/** More than these are no matter of chance, and are not run again */
const most = 5;

export interface SecondRun extends Omit<BatchContext, "tally" | "watcher"> {
  readonly plans: readonly TierPlan[];
  readonly screen: Screen;
}

/** Gives what failed first and passed then, and has the tally count it as passed. The checks are certain, and are not run again. */
export async function runFailedAgain(
  { plans, screen, ...context }: SecondRun,
  tally: Tally,
  watcher: Watcher,
): Promise<TestResult[]> {
  const failures = tally.results().filter(({ tier, verdict }) => verdict === "failed" && tier !== "check");
  const files = [...new Set(failures.map(({ file }) => file))];
  if (files.length === 0 || files.length > most) return [];
  screen.say("\n== again, alone");
  const unsteady: TestResult[] = [];
  for (const file of files) {
    const batch = plans
      .flatMap(({ shared, alone }) => [...shared, ...alone])
      .find((one) => one.files.includes(file));
    if (!batch || context.signal.aborted) continue;
    const second = makeTally();
    await runBatch({ ...batch, files: [file] }, { ...context, tally: second, watcher });
    const { passed, failed } = second.counts();
    if (passed === 0 || failed > 0) continue;
    const mine = failures.filter((one) => one.file === file);
    tally.forgive(batch.tier, mine);
    unsteady.push(...mine);
  }
  return unsteady;
}
