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

/** Throws if a value would have to be asked for, naming all of them. */
export function requireNoQuestions(entries: readonly EnvPlan[]): void {
  const asked = entries.filter((entry) => entry.kind === "prompt").map((entry) => entry.name);
  if (asked.length === 0) return;
  throw new BottleError({
    code: "input",
    message: `Cannot ask for ${asked.join(", ")}: "claude-bottle run" asks nothing`,
    hint: `Write "\${${asked[0]}}" in the manifest and set ${asked.length === 1 ? "it" : "them"} in the environment.`,
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
