/**
 * Whether a plan may be executed: asked at the terminal, or answered by `--yes`. A project file is somebody else's until the user
 * says otherwise, so `--yes` covers only what comes from the home file or was approved before.
 */
import { createHash } from "node:crypto";
import { BottleError } from "../core/error.ts";
import type { ManifestFile } from "../core/manifest-file.ts";
import { askYesNo } from "../host/prompt.ts";
import { findApproval, saveApproval } from "../host/state.ts";
import type { BottlePlan } from "../plan/plan.ts";
import { diffPolicy, effectivePolicy, policyDigest } from "../plan/policy.ts";
import type { PolicyChange } from "../plan/policy.ts";

export interface ApprovalFlags {
  readonly isYes: boolean;
  readonly trustsProject: boolean;
}

export interface PolicyState {
  readonly key: string;
  readonly policy: readonly string[];
  readonly change: PolicyChange | "first";
}

/** What changed since the last approval of this agent with these manifest files. */
export async function readPolicyState(
  folder: string,
  plan: BottlePlan,
  files: readonly ManifestFile[],
): Promise<PolicyState> {
  const key = makeKey(plan.agent.name, files);
  const policy = effectivePolicy(plan);
  const approved = await findApproval(folder, key);
  return { key, policy, change: approved ? diffPolicy(approved.policy, policy) : "first" };
}

/** True for a yes, which is then remembered. Throws if `--yes` does not cover the plan or nobody can be asked. */
export async function approve(
  folder: string,
  plan: BottlePlan,
  state: PolicyState,
  flags: ApprovalFlags,
): Promise<boolean> {
  const isKnown = state.change !== "first" && state.change.added.length + state.change.removed.length === 0;
  if (flags.isYes) {
    const fromProject = listProjectFiles(plan);
    if (fromProject.length > 0 && !isKnown && !flags.trustsProject) throw notCovered(fromProject);
  } else if (!askYesNo("Start this bottle?", "--yes")) return false;
  if (!isKnown) {
    const digest = policyDigest(state.policy);
    await saveApproval(folder, state.key, {
      policy: state.policy,
      digest,
      approvedAt: new Date().toISOString(),
    });
  }
  return true;
}

/** Files of the project that define the agent, its bottle or any grant. */
function listProjectFiles(plan: BottlePlan): string[] {
  const sources = [plan.agent.source, plan.bottle.source, ...plan.env.map((entry) => entry.source)];
  return [...new Set(sources.filter((source) => source.scope === "project").map((source) => source.file))];
}

/** The same agent name in another project is another approval. */
function makeKey(agent: string, files: readonly ManifestFile[]): string {
  const paths = files.map((file) => file.path);
  return createHash("sha256")
    .update(JSON.stringify([agent, ...paths]))
    .digest("hex")
    .slice(0, 32);
}

function notCovered(files: readonly string[]): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot start on --yes alone: ${files.join(", ")} is a project file and was not approved in this form`,
    hint: "Start it once without --yes and read what it may reach, or pass --trust-project.",
  });
}
