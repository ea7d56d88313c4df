/** Texts of a manifest that a preflight shows whole, however long: what is cut off would be approved unseen. */
import { quote } from "../core/text.ts";
import type { BottlePlan } from "./plan.ts";

/** About half of a terminal's screen; what is longer may have pushed out of sight what stands above it */
const longLength = 1_000;

/** In double quotes and escaped, as `quote`, but never cut. */
export function quoteWhole(text: string): string {
  return quote(text, Number.POSITIVE_INFINITY);
}

/** One sentence for each text that is longer than one reads in passing. They stand last, next to the question. */
export function warnOfLongTexts(plan: BottlePlan): string[] {
  const { agent, env, workspacePatterns, wantedSetup, services = [] } = plan;
  const { arguments: words, settings, mcp } = agent.claude ?? {};
  const questions = env.flatMap((entry) => (entry.kind === "prompt" ? [entry.question] : []));
  const texts: readonly (readonly [string, string])[] = [
    ["questions for env", questions.join("")],
    ["prompt", agent.prompt],
    ["mcp", JSON.stringify(mcp ?? "")],
    ["settings", JSON.stringify(settings ?? "")],
    ["arguments", (words ?? []).join("")],
    ["services", services.flatMap((one) => [...(one.command ?? []), ...(one.ready ?? [])]).join("")],
    ["setup", (wantedSetup?.run ?? []).join("")],
    ["workspace", [...workspacePatterns.bring, ...workspacePatterns.exclude].join("")],
  ];
  return texts
    .filter(([, text]) => text.length > longLength)
    .map(
      ([name, text]) =>
        `${name} of ${text.length} characters in the manifest: shown in full above; read it too`,
    );
}
