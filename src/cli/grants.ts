/** Values for the manifest's env entries, taken only after the yes: asked for, read from the environment, or literal. */
import { BottleError } from "../core/error.ts";
import { Secret } from "../core/secret.ts";
import { quote } from "../core/text.ts";
import { askHidden } from "../host/prompt.ts";
import type { BottlePlan, EnvPlan, SshPlan } from "../plan/plan.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvGrant {
  readonly name: string;
  readonly value: Secret;
}

/** In the plan's order. `ask` is called for each entry that asks. */
export function readEnvGrants(entries: readonly EnvPlan[], env: Environment, ask = askHidden): EnvGrant[] {
  return entries.map((entry) => ({ name: entry.name, value: readValue(entry, env, ask) }));
}

/** In the plan's order; undefined for a key without a passphrase. A key that stands in several entries is asked for once. */
export function readPassphrases(entries: readonly SshPlan[], ask = askHidden): (Secret | undefined)[] {
  const known = new Map<string, Secret>();
  return entries.map(({ hasPassphrase, identityFile, host }) => {
    if (!hasPassphrase) return undefined;
    const secret =
      known.get(identityFile) ?? new Secret(ask(`Passphrase of ${identityFile} for ssh host ${host}`));
    known.set(identityFile, secret);
    return secret;
  });
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

function readValue(entry: EnvPlan, env: Environment, ask: (question: string) => string): Secret {
  switch (entry.kind) {
    case "literal":
      return entry.value;
    case "prompt":
      return withoutNul(entry.name, ask(`${entry.name}: ${entry.question}`));
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
