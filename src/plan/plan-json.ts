/** The plan for scripts: `start --dry-run --json`. */
import type { BottlePlan } from "./plan.ts";
import { renderJson } from "../core/text.ts";
import { effectivePolicy, policyDigest } from "./policy.ts";

/** Secrets render as `[secret]`; everything else is the plan as it would be executed. */
export function renderPlanJson(plan: BottlePlan): string {
  return `${renderJson({ schema: 1, policy: policyDigest(effectivePolicy(plan)), ...plan }, 2)}\n`;
}
