/**
 * Whether a plan may be executed: asked at the terminal, or answered by `--yes`. A project file is somebody else's until the user
 * says otherwise, so `--yes` covers only what comes from the home file or was approved before in exactly this form.
 */
import { commandLine } from "../core/shell-quote.ts";
import { BottleError } from "../core/error.ts";
import type { ManifestFile } from "../core/manifest-file.ts";
import { escapeForTerminal } from "../core/text.ts";
import { askYesNo } from "../host/prompt.ts";
import { approvalKey, findApproval, findRealPaths, saveApproval } from "../host/state.ts";
import type { BottlePlan } from "../plan/plan.ts";
import { diffPolicy, effectivePolicy, policyDigest } from "../plan/policy.ts";
import type { PolicyChange } from "../plan/policy.ts";

export interface ApprovalFlags {
  readonly isYes: boolean;
  readonly trustsProject: boolean;
}

export interface PolicyState {
  readonly agent: string;
  /** Real paths of the manifest files */
  readonly files: readonly string[];
  readonly policy: readonly string[];
  readonly change: PolicyChange | "first";
}

/** What changed since the last approval of this agent with these manifest files. */
export async function readPolicyState(
  folder: string,
  plan: BottlePlan,
  manifests: readonly ManifestFile[],
): Promise<PolicyState> {
  const agent = plan.agent.name;
  const files = await findRealPaths(manifests.map((file) => file.path));
  const policy = effectivePolicy(plan);
  const approved = await findApproval(folder, approvalKey(agent, files));
  return { agent, files, policy, change: approved ? diffPolicy(approved.policy, policy) : "first" };
}

/** True if exactly this was approved before. */
export function isApproved({ change }: PolicyState): boolean {
  return change !== "first" && change.added.length + change.removed.length === 0;
}

/** True for a yes, which is then remembered. Throws if `--yes` does not cover the plan or nobody can be asked. */
export async function approve(
  folder: string,
  plan: BottlePlan,
  state: PolicyState,
  flags: ApprovalFlags,
): Promise<boolean> {
  const isKnown = isApproved(state);
  if (flags.isYes) {
    const fromProject = listProjectFiles(plan);
    if (fromProject.length > 0 && !isKnown && !flags.trustsProject)
      throw notCovered(plan, fromProject, state);
  } else if (!askYesNo("Start this bottle?", "--yes")) return false;
  if (!isKnown) await remember(folder, state);
  return true;
}

/** Takes the policy as approved from now on, in place of what was approved of this agent before. */
export async function remember(folder: string, { agent, files, policy }: PolicyState): Promise<void> {
  await saveApproval(folder, approvalKey(agent, files), {
    agent,
    files,
    policy,
    digest: policyDigest(policy),
    approvedAt: new Date().toISOString(),
  });
}

/** Files of the project that define the agent, its bottle or any grant. */
function listProjectFiles(plan: BottlePlan): string[] {
  const origins = plan.egress.destinations.map((one) => one.origin);
  const sources = [
    plan.agent.source,
    plan.bottle.source,
    ...plan.env.map((entry) => entry.source),
    ...plan.ssh.map((entry) => entry.source),
    ...origins.flatMap((origin) => (origin.kind === "manifest" ? [origin.source] : [])),
  ];
  return [...new Set(sources.filter((source) => source.scope === "project").map((source) => source.file))];
}

function notCovered(plan: BottlePlan, files: readonly string[], state: PolicyState): BottleError {
  const names = files.map(escapeForTerminal).join(", ");
  const what = state.change === "first" ? "was not approved" : "changed since it was approved";
  return new BottleError({
    code: "input",
    message: `Cannot start without asking: ${names} is a project file and ${what}`,
    hint: `Read what it may reach with "${commandLine`claude-bottle trust ${plan.agent.name}`}" and approve it, or pass --trust-project.`,
  });
}
