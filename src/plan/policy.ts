/** The effective policy of a plan as sorted lines: what an approval remembers, and what the next preflight compares with. */
import { claudePolicy } from "./describe-claude.ts";
import { servicesPolicy } from "./describe-services.ts";
import { digest } from "./digest.ts";
import { devcontainerPolicy } from "./describe-devcontainer.ts";
import { trapsPolicy } from "./describe-traps.ts";
import { boundsPolicy } from "./describe-bounds.ts";
import { setupPolicy } from "./describe-setup.ts";
import { ownClaudePolicy } from "./describe-own-claude.ts";
import { workspacePolicy } from "./describe-workspace.ts";
import type { Destination } from "./egress-plan.ts";
import { gitPolicy } from "./git-destinations.ts";
import type { BottlePlan } from "./plan.ts";

export interface PolicyChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** One line per grant, without values and without what differs from run to run. */
export function effectivePolicy(plan: BottlePlan): string[] {
  const lines = [
    `bottle ${plan.bottle.name}`,
    `auth ${plan.auth}`,
    `filter ${plan.egress.filter}`,
    `image ${renderImage(plan)}`,
    `limits memory=${plan.limits.memoryBytes} cpus=${plan.limits.cpus ?? "all"} pids=${plan.limits.pids}`,
    `prompt ${digest(plan.agent.prompt)}`,
    ...plan.env.map((entry) => `env ${entry.name} ${renderEnv(entry)}`),
    ...plan.skills.map((skill) => `skill ${skill.name} ${skill.digest}`),
    ...plan.ssh.map(
      (entry) =>
        `ssh ${entry.host} is ${entry.user}@${entry.hostname}:${entry.port} key ${entry.fingerprint} from ${entry.identityFile} host key ${entry.hostKeyFingerprint}`,
    ),
    ...(plan.files ?? []).map((one) => `files ${one.target} from ${one.from} ${one.digest}`),
    ...destinationPolicy(plan.egress.destinations),
  ];
  lines.push(
    ...claudePolicy(plan),
    ...ownClaudePolicy(plan),
    ...workspacePolicy(plan),
    ...setupPolicy(plan),
    ...devcontainerPolicy(plan.image),
    ...servicesPolicy(plan.services),
    ...trapsPolicy(plan),
    ...boundsPolicy(plan),
  );
  if (plan.image.dockerfile !== undefined) lines.push(`dockerfile ${plan.image.dockerfile}`);
  const { context } = plan.image;
  if (context) lines.push(`build context ${context.directory} ${context.digest}`);
  return lines.toSorted();
}

const hostWord = "host ";

/** One line for each destination. */
function destinationPolicy(destinations: readonly Destination[]): string[] {
  return destinations.map(
    (one) =>
      `${hostWord}${one.host}:${one.port} ${one.protocol}${one.isPrivate ? " private" : ""}${renderInspection(one)}${renderRules(one)}${gitPolicy(one)}`,
  );
}

/** What is let through all the same is part of what was approved. */
function renderInspection({ isInspected, inspect }: Destination): string {
  if (!isInspected) return "";
  if (inspect?.by !== "gate") return " inspected";
  return ` inspected by the gate${inspect.allow.length > 0 ? ` but for ${inspect.allow.join(", ")}` : ""}`;
}

/** As JSON, so that no line can pass for two. */
function renderRules({ rules }: Destination): string {
  if (!rules) return "";
  const lines = [...new Set(rules.lines.map(({ text }) => text))].toSorted();
  return ` account=${rules.account} only ${JSON.stringify(lines)}`;
}

/** The policy with other destinations; undefined if it does not have exactly those of `before`. */
export function replaceDestinations(
  policy: readonly string[],
  before: readonly Destination[],
  after: readonly Destination[],
): string[] | undefined {
  const [had, others] = [true, false].map((isHost) =>
    policy.filter((line) => line.startsWith(hostWord) === isHost),
  );
  const { added, removed } = diffPolicy(had ?? [], destinationPolicy(before));
  if (added.length + removed.length > 0) return undefined;
  return [...(others ?? []), ...destinationPolicy(after)].toSorted();
}

/** Identifies a policy; as JSON, so that no line can pass for two. */
export function policyDigest(lines: readonly string[]): string {
  return digest(JSON.stringify(lines));
}

/** What came and went between two policies. */
export function diffPolicy(before: readonly string[], after: readonly string[]): PolicyChange {
  return {
    added: after.filter((line) => !before.includes(line)),
    removed: before.filter((line) => !after.includes(line)),
  };
}

/** With a Dockerfile on top the reference holds a digest of its text and of what it copies: another of either is another policy. */
function renderImage({ image }: BottlePlan): string {
  const meaning = image.resolved === undefined ? "" : ` as ${image.resolved}`;
  if (image.state === "given") return `${image.reference}${meaning}`;
  const isBuilt = image.dockerfile !== undefined || image.devcontainer !== undefined;
  return `${isBuilt ? `${image.reference} ` : ""}built on ${image.baseImage}${meaning}`;
}

function renderEnv(entry: BottlePlan["env"][number]): string {
  const bound = entry.hosts === undefined ? "" : ` for ${entry.hosts.toSorted().join(", ")} only`;
  return `${renderEnvValue(entry)}${bound}`;
}

function renderEnvValue(entry: BottlePlan["env"][number]): string {
  switch (entry.kind) {
    case "prompt":
      return `asked for: ${JSON.stringify(entry.question)}`;
    case "variable":
      return `from ${entry.variable}`;
    case "literal":
      return `literal ${digest(JSON.stringify([entry.name, entry.value.reveal()]))}`;
  }
}
