/** Names, labels and annotations of everything that we make in a namespace: the one place that says what is ours and whose it is. */
import { renderOwner } from "../../core/process-owner.ts";
import type { ProcessOwner } from "../../core/process-owner.ts";
import type { BottlePlan } from "../../plan/plan.ts";

/** Version of the set, so that later versions can clean up after earlier ones */
const labelSchema = "1";

/** By labels objects are chosen; their values are short and plain. What may be anything is an annotation. */
export const labelKeys = {
  schema: "claude-bottle.schema",
  session: "claude-bottle.session",
  role: "claude-bottle.role",
} as const;

const annotationKeys = {
  version: "claude-bottle.version",
  agent: "claude-bottle.agent",
  bottle: "claude-bottle.bottle",
  owner: "claude-bottle.owner",
  runtime: "claude-bottle.runtime",
} as const;

export type Role = "agent" | "gate";

export interface Marks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface MarkContext {
  readonly owner: ProcessOwner;
  readonly version: string;
}

/** What an object of a bottle carries. */
export function makeMarks(plan: BottlePlan, role: Role, { owner, version }: MarkContext): Marks {
  return {
    labels: selectorOf(plan, role),
    annotations: {
      [annotationKeys.version]: version,
      [annotationKeys.agent]: plan.agent.name,
      [annotationKeys.bottle]: plan.bottle.name,
      [annotationKeys.owner]: renderOwner(owner),
      [annotationKeys.runtime]: plan.runtime.label,
    },
  };
}

/** Chooses the Pod of that role, of this session and of no other. */
export function selectorOf({ session }: Pick<BottlePlan, "session">, role: Role): Marks["labels"] {
  return { [labelKeys.schema]: labelSchema, [labelKeys.session]: session, [labelKeys.role]: role };
}

export interface ObjectNames {
  readonly agent: string;
  readonly gate: string;
  /** Of the policies that open what the two need of each other */
  readonly agentPolicy: string;
  readonly gatePolicy: string;
}

/** Names hold the random session id, so the loser of a race can never remove the winner's object. */
export function makeNames({ bottleName, session }: Pick<BottlePlan, "bottleName" | "session">): ObjectNames {
  // A Job's Pods have its name and a word behind it, in 63 characters
  const slug = bottleName
    .slice(0, -session.length - 1)
    .slice(0, 28)
    .replace(/-+$/, "");
  const stem = `claude-bottle-${slug}-${session}`;
  return { agent: stem, gate: `${stem}-gate`, agentPolicy: `${stem}-out`, gatePolicy: `${stem}-in` };
}
