/** Names and labels of everything we create on the engine: the one place that says what is ours and whose it is. */
import { renderOwner } from "../../core/process-owner.ts";
import type { ProcessOwner } from "../../core/process-owner.ts";
import type { BottlePlan } from "../../plan/plan.ts";

/** Version of the label set, so that later versions can clean up after earlier ones */
export const labelSchema = "1";

export const labelKeys = {
  schema: "claude-bottle.schema",
  version: "claude-bottle.version",
  session: "claude-bottle.session",
  agent: "claude-bottle.agent",
  bottle: "claude-bottle.bottle",
  role: "claude-bottle.role",
  owner: "claude-bottle.owner",
  runtime: "claude-bottle.runtime",
  /** Name of a service, and the command that tells when it is ready, as JSON */
  service: "claude-bottle.service",
  ready: "claude-bottle.ready",
  /** On volumes of kept data, and on the containers that use it: which it is */
  data: "claude-bottle.data",
  /** On volumes that hold work: what it takes to read them when nothing else is left */
  image: "claude-bottle.image",
  runtimeName: "claude-bottle.runtime-name",
  stem: "claude-bottle.stem",
  user: "claude-bottle.user",
  /** On volumes of a kept setup: which belong together */
  tree: "claude-bottle.tree",
  /** On the volume that says that a kept setup is whole */
  treeKey: "claude-bottle.tree-key",
  treeImage: "claude-bottle.tree-image",
  treeFamily: "claude-bottle.tree-family",
  treeFolders: "claude-bottle.tree-folders",
  madeAt: "claude-bottle.made-at",
  /** On images that have bash at /bin/bash, and so on their containers */
  bash: "claude-bottle.image.bash",
} as const;

export type Role =
  | "agent"
  | "gate"
  | "pipelock"
  | "internal"
  | "egress"
  | "services"
  | "service"
  | "authority"
  | "probe"
  | "work"
  | "kept"
  | "collector"
  | "canary"
  | "tree"
  | "tree-whole"
  | "tree-copy";

export interface LabelContext {
  readonly owner: ProcessOwner;
  readonly version: string;
  /** Further labels for the caller's own bookkeeping, from `CLAUDE_BOTTLE_LABELS` */
  readonly extra: Readonly<Record<string, string>>;
}

export type Labels = Readonly<Record<string, string>>;

/** Labels of one object of a bottle. */
export function makeLabels(plan: BottlePlan, role: Role, context: LabelContext): Labels {
  return {
    ...makeSessionLabels(plan.session, role, context),
    [labelKeys.agent]: plan.agent.name,
    [labelKeys.bottle]: plan.bottle.name,
    [labelKeys.runtime]: plan.runtime.label,
  };
}

/** What every object has: enough to know whose it is and when it may go. */
export function makeSessionLabels(session: string, role: Role, context: LabelContext): Labels {
  return { ...makeCommonLabels(role, context), [labelKeys.session]: session };
}

/** Of what is no session's. */
export function makeCommonLabels(role: Role, context: LabelContext): Labels {
  return {
    ...context.extra,
    [labelKeys.schema]: labelSchema,
    [labelKeys.version]: context.version,
    [labelKeys.role]: role,
    [labelKeys.owner]: renderOwner(context.owner),
  };
}

export interface ObjectNames {
  readonly stem: string;
  readonly agent: string;
  readonly gate: string;
  readonly pipelock: string;
  readonly internal: string;
  readonly egress: string;
  readonly services: string;
  readonly caVolume: string;
  readonly workVolume: string;
  readonly keptVolume: string;
}

const prefix = "claude-bottle-";

/** Name of the agent's container, which the names of all the others begin with. */
function agentNameOf(bottleName: string): string {
  return `${prefix}${bottleName}`;
}

/** What people call the bottle of an agent's container. */
export function bottleNameOf(agentName: string): string {
  return agentName.startsWith(prefix) ? agentName.slice(prefix.length) : agentName;
}

/** Names hold the random session id, so the loser of a race can never remove the winner's object. */
export function makeNames(plan: BottlePlan): ObjectNames {
  const stem = agentNameOf(plan.bottleName);
  return {
    stem,
    agent: stem,
    gate: `${stem}-gate`,
    pipelock: `${stem}-pipelock`,
    internal: `${stem}-internal`,
    egress: `${stem}-egress`,
    services: `${stem}-services`,
    caVolume: `${stem}-ca`,
    workVolume: `${stem}-work`,
    keptVolume: `${stem}-kept`,
  };
}
