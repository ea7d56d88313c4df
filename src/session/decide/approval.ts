/**
 * Whether a plan may be executed: asked at the terminal, or answered by `--yes`. A project file is somebody else's until the user
 * says otherwise, so `--yes` covers only what comes from the home file or was approved before in exactly this form.
 */
import { commandLine } from "../../core/shell-quote.ts";
import { BottleError } from "../../core/error.ts";
import type { ManifestFile } from "../../core/manifest-file.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { askStart, askYesNo } from "../../host/prompt.ts";
import { approvalKey, findApproval, findRealPaths, listApprovals, saveApproval } from "../../host/state.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import { diffPolicy, effectivePolicy, policyDigest } from "../../plan/policy.ts";
import type { PolicyChange } from "../../plan/policy.ts";
import type { Approval } from "../../protocol/approval.ts";

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
  /** Text of the Dockerfile that was approved last */
  readonly approvedDockerfile: string | undefined;
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
  const own = await findApproval(folder, approvalKey(agent, files));
  const approved = own ?? (await findForBottle(folder, files, plan, policy));
  const change = approved ? diffPolicy(approved.policy, policy) : "first";
  return { agent, files, policy, change, approvedDockerfile: approved?.dockerfile };
}

/**
 * For an agent that was not approved by itself: what was approved of the same bottle for another one, if it grants exactly the same. Prompt
 * and model grant nothing, so an agent may have its own; they are shown in the details.
 */
async function findForBottle(
  folder: string,
  files: readonly string[],
  plan: BottlePlan,
  policy: readonly string[],
): Promise<Approval | undefined> {
  const ofBottle = `bottle ${plan.bottle.name}`;
  const grants = JSON.stringify(policy.filter(isGrant));
  const all = await listApprovals(folder, files);
  const found = all.find(
    (one) => one.policy.includes(ofBottle) && JSON.stringify(one.policy.filter(isGrant)) === grants,
  );
  return found && { ...found, policy };
}

function isGrant(line: string): boolean {
  return !/^(?:prompt|model) /.test(line);
}

/** True if exactly this was approved before. */
export function isApproved({ change }: PolicyState): boolean {
  return change !== "first" && change.added.length + change.removed.length === 0;
}

/** True if nobody has to be asked: what it grants is the home file's alone, or was approved in this form. */
export function isCovered(plan: BottlePlan, state: PolicyState): boolean {
  return isApproved(state) || listProjectFiles(plan).length === 0;
}

/**
 * True for a yes, which is for the caller to `remember`. Throws if `--yes` does not cover the plan or nobody can be asked. What was approved
 * in this form is only asked about, with `showDetails` at hand; anything else needs a yes that was typed.
 */
export function approve(
  plan: BottlePlan,
  state: PolicyState,
  flags: ApprovalFlags & { readonly showDetails?: (() => void) | undefined },
): boolean {
  if (!flags.isYes) {
    const { showDetails } = flags;
    if (!showDetails) return askYesNo("Start this bottle?", "--yes");
    const answer = askStart("Start?", "--yes");
    if (answer === "details") showDetails();
    return answer === "details" ? askYesNo("Start this bottle?", "--yes") : answer === "yes";
  }
  if (isCovered(plan, state) || flags.trustsProject) return true;
  throw notCovered(plan, state, "start");
}

/** Takes the plan as approved from now on, in place of what was approved of this agent before. */
export async function remember(
  folder: string,
  { agent, files }: Pick<PolicyState, "agent" | "files">,
  plan: BottlePlan,
): Promise<void> {
  const policy = effectivePolicy(plan);
  const dockerfile = plan.image.dockerfileText;
  await saveApproval(folder, approvalKey(agent, files), {
    agent,
    files,
    policy,
    digest: policyDigest(policy),
    approvedAt: new Date().toISOString(),
    ...(dockerfile === undefined ? {} : { dockerfile }),
  });
}

/** Files of the project that define the agent, its bottle or any grant. */
function listProjectFiles(plan: BottlePlan): string[] {
  const origins = plan.egress.destinations.map((one) => one.origin);
  const sources = [
    plan.agent.source,
    plan.bottle.source,
    // What they stand on may say more than its grants, such as the image
    ...[plan.agent.base, plan.bottle.base].flatMap((base) => (base ? [base.source] : [])),
    ...plan.env.map((entry) => entry.source),
    ...plan.ssh.map((entry) => entry.source),
    ...(plan.services ?? []).map((entry) => entry.source),
    ...(plan.files ?? []).map((entry) => entry.source),
    ...origins.flatMap((origin) => (origin.kind === "manifest" ? [origin.source] : [])),
  ];
  return [...new Set(sources.filter((source) => source.scope === "project").map((source) => source.file))];
}

/** `action` is what cannot be done: `start`, which alone has a flag for it. */
export function notCovered(plan: BottlePlan, state: PolicyState, action: string): BottleError {
  const names = listProjectFiles(plan).map(escapeForTerminal).join(", ");
  const what = state.change === "first" ? "was not approved" : "changed since it was approved";
  const flag = action === "start" ? ", or pass --trust-project" : "";
  return new BottleError({
    code: "input",
    message: `Cannot ${action} without asking: ${names} is a project file and ${what}`,
    hint: `Read what it may reach with "${commandLine`claude-bottle trust ${plan.agent.name}`}" and approve it${flag}.`,
  });
}
