/** `claude-bottle start`: shows the plan, asks, runs Claude Code in a bottle of its own, and leaves nothing behind. */
import { defineCommand } from "citty";
import { BottleError } from "../../core/error.ts";
import type { CommandData } from "../app.ts";
import { agentArgument, yesArgument } from "../arguments.ts";
import { startAgentSession } from "../start-session.ts";

export const examples = [
  "claude-bottle start hello                    # show the plan, ask, start",
  "claude-bottle start hello --cwd              # with a copy of this folder",
  "claude-bottle start hello --dry-run --json   # the plan as JSON; creates nothing",
  "claude-bottle start hello --yes -- -p 'What is in this folder?'",
] as const;

export const command = defineCommand({
  meta: { name: "start" },
  args: {
    ...agentArgument,
    cwd: { type: "boolean", description: "Copy this folder and its repository in; never a mount" },
    "dry-run": { type: "boolean", description: "Show the plan and stop; creates nothing" },
    json: { type: "boolean", description: "With --dry-run: print the plan as JSON on stdout" },
    ...yesArgument,
    "trust-project": {
      type: "boolean",
      description: "With --yes: accept what a project file grants without having approved it",
    },
    verbose: { type: "boolean" },
  },
  run({ args, data }) {
    const { app, rest } = data as CommandData;
    const isDryRun = args["dry-run"] === true || app.settings.isDryRun;
    if (args.json && !isDryRun) {
      throw new BottleError({
        code: "usage",
        message: "Cannot print the plan as JSON: --json goes with --dry-run",
        hint: "Add --dry-run, or leave --json out.",
      });
    }
    return startAgentSession(app, {
      agentName: args.agent,
      isDryRun,
      isJson: args.json === true,
      isYes: args.yes === true,
      trustsProject: args["trust-project"] === true,
      hasWorkspace: args.cwd === true,
      isVerbose: args.verbose === true,
      claudeArguments: rest,
    });
  },
});
