/** Values for the manifest's env entries, taken only after the yes: asked for, read from the environment, or literal. */
import { BottleError } from "../../core/error.ts";
import { Secret } from "../../core/secret.ts";
import { quote } from "../../core/text.ts";
import { askHidden, askHiddenLine } from "../../host/prompt.ts";
import type { BottlePlan, EnvPlan, SshPlan } from "../../plan/plan.ts";
import { requireGrantedRoom } from "./exec-room.ts";

/** Shows a question and gives the answer */
type Ask = (question: string) => Promise<string>;

type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvGrant {
  readonly name: string;
  readonly value: Secret;
}

/** In the plan's order. `ask` is called for each entry that asks. */
export async function readEnvGrants(
  entries: readonly EnvPlan[],
  env: Environment,
  ask: Ask = askHidden,
): Promise<EnvGrant[]> {
  const grants: EnvGrant[] = [];
  for (const entry of entries) grants.push({ name: entry.name, value: await readValue(entry, env, ask) });
  return grants;
}

/** The values of a plan's env, asked for where that is what it says. Throws if claude could not be started with them. */
export async function takeAnswers(plan: BottlePlan, env: Environment): Promise<EnvGrant[]> {
  const grants = await readEnvGrants(plan.env, env);
  requireGrantedRoom(plan, grants);
  return grants;
}

/** In the plan's order; undefined for a key without a passphrase. A key that stands in several entries is asked for once. */
export async function readPassphrases(
  entries: readonly SshPlan[],
  ask: Ask = askHiddenLine,
): Promise<(Secret | undefined)[]> {
  const known = new Map<string, Secret>();
  for (const { hasPassphrase, identityFile, host } of entries) {
    if (!hasPassphrase || known.has(identityFile)) continue;
    known.set(identityFile, new Secret(await ask(`Passphrase of ${identityFile} for ssh host ${host}`)));
  }
  return entries.map(({ identityFile }) => known.get(identityFile));
}

/** Throws if a value would have to be asked for, naming all of them. */
export function requireNoQuestions({ env, ssh }: Pick<BottlePlan, "env" | "ssh">): void {
  const asked = env.filter((entry) => entry.kind === "prompt").map((entry) => entry.name);
  const locked = ssh.find((entry) => entry.hasPassphrase);
  if (locked) throw isLocked(locked);
  if (asked.length === 0) return;
  throw new BottleError({
    code: "input",
    message: `Cannot ask for ${asked.join(", ")}: "claude-bottle run" asks nothing`,
    hint: `Write "\${${asked[0]}}" in the manifest and set ${asked.length === 1 ? "it" : "them"} in the environment.`,
  });
}

function isLocked({ host, identityFile }: SshPlan): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot ask for the passphrase of ${quote(identityFile)}: "claude-bottle run" asks nothing`,
    hint: `Give ssh host ${quote(host)} a key of its own without a passphrase.`,
  });
}

async function readValue(entry: EnvPlan, env: Environment, ask: Ask): Promise<Secret> {
  switch (entry.kind) {
    case "literal":
      return entry.value;
    case "prompt":
      return withoutNul(entry.name, await ask(`${entry.name}: ${entry.question}`));
    case "variable":
      return withoutNul(entry.name, env[entry.variable] ?? "");
  }
}

/** No variable can hold one; a shell would drop it silently and hand on another value. */
function withoutNul(name: string, value: string): Secret {
  if (!value.includes("\0")) return new Secret(value);
  throw new BottleError({
    code: "input",
    message: `Cannot use the value for ${name}: it holds a NUL character`,
    hint: "Give the value again without it.",
  });
}
