/** Whether claude can be started with these arguments and variables: asked before anything is made, and answered without a value. */
import type { EnvValueGrant } from "../../bottle/bottle.ts";
import { BottleError } from "../../core/error.ts";
import { longestText, measureTexts, roomForTexts } from "../../core/exec-limits.ts";
import type { AgentEntry, BottleEntry } from "../../manifest/manifest.ts";
import type { BottlePlan } from "../../plan/plan.ts";

interface Variable {
  readonly name: string;
  readonly value: string;
}

/** By what is known before the question. A value for hosts stays in the sidecar, and a short placeholder takes its place. */
export function requireKnownRoom(
  { agent, bottle }: { readonly agent: AgentEntry; readonly bottle: BottleEntry },
  claudeArguments: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): void {
  const variables = bottle.env.flatMap(({ name, value, hosts }): Variable[] => {
    if (hosts !== undefined || value.kind === "prompt") return [];
    return [{ name, value: value.kind === "literal" ? value.value : (env[value.variable] ?? "") }];
  });
  requireRoom([...(agent.claude?.arguments ?? []), ...claudeArguments], variables);
}

/** With the values that were asked for. */
export function requireGrantedRoom(
  { agent, env, claudeArguments }: Pick<BottlePlan, "agent" | "env" | "claudeArguments">,
  grants: readonly Pick<EnvValueGrant, "name" | "value">[],
): void {
  const bound = new Set(env.flatMap(({ name, hosts }) => (hosts === undefined ? [] : [name])));
  const variables = grants.flatMap(({ name, value }): Variable[] =>
    bound.has(name) ? [] : [{ name, value: value.reveal() }],
  );
  requireRoom([...(agent.claude?.arguments ?? []), ...claudeArguments], variables);
}

/** Throws for the first text that is too long alone, and if all together are too much. */
export function requireRoom(words: readonly string[], variables: readonly Variable[] = []): void {
  const longWord = words.findIndex((word) => Buffer.byteLength(word) > longestText);
  if (longWord >= 0)
    throw new BottleError({
      code: "input",
      message: `Cannot pass argument ${longWord + 1}: it has ${Buffer.byteLength(words[longWord] ?? "")} bytes, and the kernel takes ${longestText} in one`,
      hint: 'Put a long text into a file, or pipe a long prompt into "claude-bottle run".',
    });
  const settings = variables.map(({ name, value }) => ({ name, text: `${name}=${value}` }));
  const longVariable = settings.find(({ text }) => Buffer.byteLength(text) > longestText);
  if (longVariable)
    throw new BottleError({
      code: "input",
      message: `Cannot set ${longVariable.name}: with its name it has ${Buffer.byteLength(longVariable.text)} bytes, and the kernel takes ${longestText} in one variable`,
      hint: "Put the value into a file of the workspace, and its path into the variable.",
    });
  const total = measureTexts([...words, ...settings.map(({ text }) => text)]);
  if (total <= roomForTexts) return;
  const largest = settings.toSorted((a, b) => b.text.length - a.text.length).slice(0, 3);
  throw new BottleError({
    code: "input",
    message: `Cannot start the program: its arguments and variables take ${total} bytes, and a program can be started with ${roomForTexts}`,
    details: largest.map(({ name, text }) => `${name}: ${Buffer.byteLength(text)} bytes`),
    hint: "Put long values into files of the workspace.",
  });
}
