/** Decides: from the manifest and what was observed to the one frozen plan. Pure, so that the same input gives the same plan. */
import { BottleError } from "../core/error.ts";
import { Secret } from "../core/secret.ts";
import { escapeForTerminal, quote, suggest } from "../core/text.ts";
import type { WorkspacePatterns } from "../core/workspace-patterns.ts";
import type { AgentEntry, BottleEntry, EnvEntry, Manifest } from "../manifest/manifest.ts";
import type { SetupEntry } from "../core/setup-entry.ts";
import { joinPatterns } from "../manifest/workspace-schema.ts";
import { planCanaries } from "./describe-traps.ts";
import { planServices } from "./describe-services.ts";
import type { ServiceContext } from "./describe-services.ts";
import { makeDestinations } from "./destinations.ts";
import { findVoidGit } from "./git-destinations.ts";
import type { OwnClaudePlan } from "./own-claude-plan.ts";
import type { Destination, EgressPlan, ProxyPlan } from "./egress-plan.ts";
import type {
  BottlePlan,
  EnvPlan,
  FilesPlan,
  ImagePlan,
  RuntimePlan,
  SetupPlan,
  SkillPlan,
  SshPlan,
  TokenOrigin,
  TokenPlan,
  WorkspacePlan,
} from "./plan.ts";

export interface PlanInput {
  readonly session: string;
  /** Stands before the session's id in the bottle's name, instead of the agent's */
  readonly name?: string | undefined;
  readonly agent: AgentEntry;
  readonly bottle: BottleEntry;
  readonly image: ImagePlan;
  readonly runtime: RuntimePlan;
  readonly skills: readonly SkillPlan[];
  readonly ownClaude?: OwnClaudePlan | undefined;
  readonly ssh: readonly SshPlan[];
  /** For a bottle that has services */
  readonly services?: ServiceContext | undefined;
  readonly compose?: BottlePlan["compose"];
  readonly files?: readonly FilesPlan[] | undefined;
  readonly workspace: Omit<WorkspacePlan, keyof WorkspacePatterns> | undefined;
  /** What the bottle's setup depends on, and since when there is something of it; undefined without a workspace or a setup */
  readonly setup?: Pick<SetupPlan, "inputs" | "key" | "keptSince"> | undefined;
  readonly filter: EgressPlan["filter"];
  readonly pipelockImage: string;
  readonly proxy?: ProxyPlan | undefined;
  readonly claudeArguments: readonly string[];
  readonly hasTerminal: boolean;
  /** A closed terminal ends nothing, whatever the manifest says */
  readonly keepsRunning?: boolean | undefined;
  readonly token: TokenPlan | undefined;
  readonly tokenOrigin?: TokenOrigin | undefined;
  /** What private hosts lead to, for showing */
  readonly addresses?: ReadonlyMap<string, readonly string[]>;
  /** True if the host environment has the variable */
  readonly hasVariable: (name: string) => boolean;
}

/** Looks an agent and its bottle up. Throws with a suggestion if there is no such agent. */
export function findAgent(
  manifest: Manifest,
  name: string,
): { readonly agent: AgentEntry; readonly bottle: BottleEntry } {
  const agent = manifest.agents.get(name);
  const bottle = agent && manifest.bottles.get(agent.bottle);
  if (agent && bottle) return { agent, bottle };
  const names = [...manifest.agents.keys()];
  const nearest = suggest(name, names);
  throw new BottleError({
    code: "usage",
    message: `Cannot find agent ${quote(name)}: the manifest has no agent of that name`,
    details:
      names.length === 0 ? ["No agent is defined"] : [`Defined: ${names.map(escapeForTerminal).join(", ")}`],
    hint: nearest ? `Did you mean ${quote(nearest)}?` : 'Add an agent with "claude-bottle init".',
  });
}

/** Makes the plan. Throws if a host variable that the manifest copies is missing, naming all that are. */
export function makePlan(input: PlanInput): BottlePlan {
  const { agent, bottle } = input;
  requireVariables(bottle.env, input.hasVariable);
  requireFilter(input);
  const patterns = joinPatterns([bottle.workspace, agent.workspace]);
  return deepFreeze({
    session: input.session,
    bottleName: `${makeSlug(input.name ?? agent.name)}-${input.session}`,
    agent: {
      name: agent.name,
      prompt: agent.prompt,
      source: agent.source,
      ...(agent.claude && { claude: agent.claude }),
      ...(agent.base && { base: agent.base }),
      ...(agent.claudeVersion !== undefined && { claudeVersion: agent.claudeVersion }),
    },
    bottle: { name: bottle.name, source: bottle.source, ...(bottle.base && { base: bottle.base }) },
    image: input.image,
    runtime: input.runtime,
    env: bottle.env.map(makeEnv),
    skills: input.skills,
    ...(input.ownClaude && { ownClaude: input.ownClaude }),
    ssh: input.ssh,
    ...(input.compose && { compose: input.compose }),
    ...(bottle.services?.length && {
      services: planServices(bottle.services, input.services ?? { images: new Map(), dataKey: "" }),
    }),
    ...(input.files?.length && { files: input.files }),
    ...(bottle.canaries?.length && { canaries: planCanaries(bottle, input.files) }),
    egress: makeEgress(input),
    auth: bottle.auth,
    token: input.token,
    ...(input.tokenOrigin && { tokenOrigin: input.tokenOrigin }),
    limits: bottle.limits,
    workspace: input.workspace && { ...input.workspace, ...patterns },
    workspacePatterns: patterns,
    ...(bottle.setup && input.setup && { setup: { ...bottle.setup, ...input.setup } }),
    ...(bottle.setup && { wantedSetup: pickSetup(bottle.setup) }),
    claudeArguments: input.claudeArguments,
    hasTerminal: input.hasTerminal,
    ...((input.keepsRunning || agent.onHangup === "detach") && { onHangup: "detach" as const }),
  });
}

function makeEgress(input: PlanInput): BottlePlan["egress"] {
  const { bottle } = input;
  const voidGit = findVoidGit(bottle);
  return {
    filter: input.filter,
    pipelockImage: input.filter === "pipelock" ? input.pipelockImage : undefined,
    destinations: makeDestinations(bottle).map((one) => withAddresses(one, input.addresses)),
    ...(voidGit.length > 0 && { voidGit }),
    ...(bottle.bounds?.length && { bounds: bottle.bounds }),
    ...(input.proxy && { proxy: input.proxy }),
  };
}

function pickSetup({ run, inputs, keep }: SetupEntry): SetupEntry {
  return { run, inputs, keep };
}

/** Only private hosts are shown with addresses: what a public name leads to changes all the time and says nothing. */
function withAddresses(one: Destination, known: PlanInput["addresses"]): Destination {
  const addresses = one.isPrivate ? known?.get(one.host) : undefined;
  return addresses === undefined ? one : { ...one, addresses };
}

/** Lower case with hyphens, as object names and people's fingers like it. */
function makeSlug(name: string): string {
  return (
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .slice(0, 40)
      .replaceAll(/^-|-$/g, "") || "agent"
  );
}

function makeEnv(entry: EnvEntry): EnvPlan {
  const { name, source, value, hosts } = entry;
  const base = { name, source, ...(hosts === undefined ? {} : { hosts }) };
  if (value.kind === "literal") return { ...base, kind: "literal", value: new Secret(value.value) };
  return value.kind === "prompt"
    ? { ...base, kind: "prompt", question: value.question }
    : { ...base, kind: "variable", variable: value.variable };
}

function requireVariables(env: readonly EnvEntry[], hasVariable: (name: string) => boolean): void {
  const missing = env.flatMap((entry) =>
    entry.value.kind === "variable" && !hasVariable(entry.value.variable)
      ? [{ entry, variable: entry.value.variable }]
      : [],
  );
  if (missing.length === 0) return;
  throw new BottleError({
    code: "input",
    message: `Cannot fill ${missing.map((one) => one.entry.name).join(", ")}: your environment lacks ${missing.map((one) => one.variable).join(", ")}`,
    details: missing.map(
      ({ entry }) =>
        `${escapeForTerminal(entry.source.file)}:${entry.source.line}:${entry.source.column}  ${entry.name}`,
    ),
    hint: `Set ${missing.map((one) => `${one.variable}=…`).join(" ")} in front of the command, or write "?" to be asked.`,
  });
}

/**
 * Without pipelock nobody opens TLS or reads plain http. A bottle that asks for either is not started without it: what the
 * manifest promises about a host must not silently not happen.
 */
function requireFilter({ filter, bottle }: PlanInput): void {
  if (filter === "pipelock") return;
  const listed = [
    ...bottle.egress.inspect
      .filter((one) => one.by === "pipelock")
      .map((grant) => ({ ...grant, list: "inspect" })),
    ...bottle.egress.http.map((grant) => ({ ...grant, list: "http" })),
  ];
  if (listed.length === 0) return;
  const lists = [...new Set(listed.map((one) => `egress.${one.list}`))].join(" and ");
  throw new BottleError({
    code: "input",
    message: `Cannot use ${lists}: CLAUDE_BOTTLE_EGRESS=builtin leaves out pipelock, which reads these connections`,
    details: listed.map(
      ({ host, list, source }) =>
        `${escapeForTerminal(source.file)}:${source.line}:${source.column}  ${host} under egress.${list}`,
    ),
    hint: "Unset CLAUDE_BOTTLE_EGRESS, or remove the hosts from that list.",
  });
}

/** Freezes a tree of plain values; secrets guard themselves. */
function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== "object" || value instanceof Secret) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
