/** Runs the batches of a tier: side by side where they may, then one after the other. */
import { runBatch } from "./run-batch.ts";
import type { BatchContext } from "./run-batch.ts";
import type { TierPlan } from "./tiers.ts";

export async function runTier(
  { shared, alone }: Pick<TierPlan, "shared" | "alone">,
  jobs: number,
  context: BatchContext,
): Promise<void> {
  const queue = [...shared];
  const work = async () => {
    for (let batch = queue.shift(); batch; batch = queue.shift()) await runBatch(batch, context);
  };
  await Promise.all(Array.from({ length: jobs }, work));
  for (const batch of alone) await runBatch(batch, context);
}
