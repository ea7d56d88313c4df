/** The plan for scripts: `start --dry-run --json`. */
import type { BottlePlan } from "./plan.ts";
import { effectivePolicy, policyDigest } from "./policy.ts";

/** Secrets render as `[secret]`; everything else is the plan as it would be executed. */
export function renderPlanJson(plan: BottlePlan): string {
  return `${JSON.stringify({ schema: 1, policy: policyDigest(effectivePolicy(plan)), ...plan }, null, 2)}\n`;
}
