/** `claude-bottle verify`: starts an agent's bottle with a probe in claude's place and shows that nothing gets out of it. */
import { defineCommand } from "citty";
import { renderJson } from "../../core/text.ts";
import type { ProbeVerdict } from "../../bottle/bottle.ts";
import { exitCodes } from "../../core/error.ts";
import type { CommandData } from "../args/command-data.ts";
import { agentArgument, jsonArgument } from "../args/arguments.ts";
import { renderTable } from "../render/table.ts";
import { verifyAgent } from "../doctor/verify-agent.ts";

export const examples = [
  "claude-bottle verify hello           # a table; exit code 1 on any leak",
  "claude-bottle verify hello --json    # the same for scripts",
] as const;

export const command = defineCommand({
  meta: { name: "verify" },
  args: { ...agentArgument, ...jsonArgument, verbose: { type: "boolean" } },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const verdicts = await verifyAgent(app, args.agent, args.verbose === true);
    const { stdout, stderr } = app.world;
    if (verdicts === undefined) {
      stderr.write("Not started.\n");
      return exitCodes.failure;
    }
    if (args.json) stdout.write(`${renderJson(verdicts, 2)}\n`);
    else stdout.write(renderTable([["VERDICT", "WAY OUT", "WHAT CAME"], ...verdicts.map(renderVerdict)]));
    const bad = verdicts.filter(({ verdict }) => verdict === "leak" || verdict === "unknown");
    stderr.write(
      bad.length === 0
        ? "No way out was found.\n"
        : `Not closed: ${bad.map(({ name }) => name).join(", ")}.\n`,
    );
    return bad.length === 0 ? exitCodes.ok : exitCodes.failure;
  },
});

/** The detail is escaped where it is made. */
function renderVerdict({ verdict, title, detail }: ProbeVerdict): string[] {
  return [verdict, title, detail];
}
