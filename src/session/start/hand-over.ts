/**
 * What a start with --detach hands to the process that continues in the background. It travels through a pipe: nothing of it is on a command
 * line, in a file or in an environment that others can read.
 */
import { Secret } from "../../core/secret.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import { effectivePolicy, policyDigest } from "../../plan/policy.ts";
import type { EnvGrant } from "../decide/grants.ts";
import type { StartRequest } from "./start-session.ts";

export interface HandOver {
  readonly request: Omit<StartRequest, "openTerminal" | "execute">;
  readonly session: string;
  /** The user's whole environment: manifest entries copy from it */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly answers: readonly { readonly name: string; readonly value: string }[];
  /** In the order of the plan's keys; null for one without */
  readonly passphrases: readonly (string | null)[];
  /** Of the plan that was approved; see `digestPlan` */
  readonly digest: string;
  readonly terminal: {
    readonly environment: Readonly<Record<string, string>>;
    readonly columns: number;
    readonly rows: number;
    /** Whose bell is rung; undefined without --notify */
    readonly bell: string | undefined;
  };
  readonly notifies: boolean;
}

/** The values themselves, for the pipe; see `HandOver`. */
export function renderAnswers(grants: readonly EnvGrant[]): HandOver["answers"] {
  return grants.map(({ name, value }) => ({ name, value: value.reveal() }));
}

/** Secrets again, on the other side of the pipe. */
export function readAnswers(answers: HandOver["answers"]): EnvGrant[] {
  return answers.map(({ name, value }) => ({ name, value: new Secret(value) }));
}

/** The passphrases themselves, for the pipe. */
export function renderPassphrases(secrets: readonly (Secret | undefined)[]): HandOver["passphrases"] {
  return secrets.map((secret) => secret?.reveal() ?? null);
}

/** Secrets again, on the other side of the pipe. */
export function readHandedPassphrases(passphrases: HandOver["passphrases"]): (Secret | undefined)[] {
  return passphrases.map((text) => (text === null ? undefined : new Secret(text)));
}

/**
 * The same for two plans that grant the same and would be executed in the same way. How much is in the workspace may change while
 * somebody answers a question, another start may have built the image meanwhile, and which runtime starts is tried at the launch.
 */
export function digestPlan(plan: BottlePlan): string {
  const { runtime: _, workspace, image, ...rest } = plan;
  const place = workspace && { ...workspace, files: 0, bytes: 0 };
  const made = { ...image, state: image.state === "given" ? image.state : "ours" };
  return policyDigest([...effectivePolicy(plan), JSON.stringify({ ...rest, workspace: place, image: made })]);
}
