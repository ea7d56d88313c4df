/** Values for the manifest's env entries, taken only after the yes: asked for, read from the environment, or literal. */
import { BottleError } from "../core/error.ts";
import { Secret } from "../core/secret.ts";
import { askHidden } from "../host/prompt.ts";
import type { EnvPlan } from "../plan/plan.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvGrant {
  readonly name: string;
  readonly value: Secret;
}

/** In the plan's order. `ask` is called for each entry that asks. */
export function readEnvGrants(entries: readonly EnvPlan[], env: Environment, ask = askHidden): EnvGrant[] {
  return entries.map((entry) => ({ name: entry.name, value: readValue(entry, env, ask) }));
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
