/** How claude is started in its bottle. */
import type { BottlePlan } from "../../plan/plan.ts";
import { mcpPath, pluginsFolder, promptPath } from "./bottle-paths.ts";

/** The user's own words come last. */
export function makeClaudeCommand(
  plan: Pick<BottlePlan, "agent" | "claudeArguments" | "ownClaude">,
): string[] {
  const { model, mcp, arguments: words = [] } = plan.agent.claude ?? {};
  return [
    "claude",
    "--dangerously-skip-permissions",
    // Takes every word up to the next option for a file, so one of ours follows. The workspace's own servers would be started without a question
    "--mcp-config",
    mcpPath,
    ...(mcp === undefined ? [] : ["--strict-mcp-config"]),
    "--append-system-prompt-file",
    promptPath,
    ...(plan.ownClaude?.plugins ?? []).flatMap(({ name }) => ["--plugin-dir", `${pluginsFolder}/${name}`]),
    ...(model === undefined ? [] : ["--model", model]),
    ...words,
    ...plan.claudeArguments,
  ];
}
