/** `claude-bottle start`: shows the plan, asks, runs Claude Code in a bottle of its own, and leaves nothing behind. */
import { defineCommand } from "citty";
import { BottleError } from "../../core/error.ts";
import type { CommandData } from "../args/command-data.ts";
import {
  clipboardArgument,
  keepArgument,
  optionalAgentArgument,
  startArguments,
  yesArgument,
} from "../args/arguments.ts";
import { readName } from "../args/bottle-name.ts";
import { chooseAgent } from "../../session/resolve/choose-agent.ts";
import { makeFirstAgent } from "../manifest/first-agent.ts";
import { startDetached } from "../../session/start/start-detached.ts";
import { takesCopy } from "../../session/decide/default-workspace.ts";
import { startAgentSession } from "../../session/start/start-session.ts";
import type { StartRequest } from "../../session/start/start-session.ts";
import { readWorkspaceFlags } from "../args/workspace-flags.ts";

export const examples = [
  "claude-bottle start hello                    # show the plan, ask, start; with a copy of the repository you are in",
  "claude-bottle start hello --empty            # with none of your files",
  "claude-bottle start hello --dry-run --json   # the plan as JSON; creates nothing",
  "claude-bottle start hello --keep             # keeps running when the terminal is closed; Ctrl-] d detaches any session",
  "claude-bottle start hello --detach           # in the background; attach, list, stop",
  "claude-bottle start hello --yes -- -p 'What is in this folder?'",
] as const;

export const command = defineCommand({
  meta: { name: "start" },
  args: {
    ...optionalAgentArgument,
    detach: {
      type: "boolean",
      alias: "d",
      description: "Run it in the background; prints the bottle's name",
    },
    notify: {
      type: "boolean",
      description: "With --detach: notify the desktop and ring the bell when claude waits or has ended",
    },
    ...keepArgument,
    ...startArguments,
    ...clipboardArgument,
    "dry-run": { type: "boolean", description: "Show the plan and stop; creates nothing" },
    json: {
      type: "boolean",
      description: "With --dry-run the plan, with --detach the name, as JSON on stdout",
    },
    ...yesArgument,
  },
  async run({ args, data }) {
    const { app, rest } = data as CommandData;
    const isDryRun = args["dry-run"] === true || app.settings.isDryRun;
    const isDetached = args.detach === true && !isDryRun;
    if (args.json && !isDryRun && !isDetached)
      throw usage("--json needs --dry-run or --detach", "Add one of them, or leave --json out.");
    if (args.clipboard && isDetached)
      throw usage("--clipboard needs a terminal", "Use it with claude-bottle attach.");
    if (args.notify && !args.detach)
      throw usage("--notify needs --detach", "Add --detach, or leave --notify out.");
    const { hasWorkspace, allowsHome } = readWorkspaceFlags("start", args);
    const isUnattended = isDryRun || args.yes === true;
    const first = isUnattended ? undefined : await makeFirstAgent(app, args.agent);
    const request: StartRequest = {
      agentName: await chooseAgent(app, first ?? args.agent),
      name: readName(args.name),
      isDryRun,
      isJson: args.json === true && !isDetached,
      isYes: args.yes === true,
      trustsProject: args["trust-project"] === true,
      hasWorkspace: hasWorkspace ?? (await takesCopy(app.world)),
      allowsHome,
      isVerbose: args.verbose === true,
      hasTranscript: args.transcript !== false,
      allowsClipboard: args.clipboard === true,
      keepsRunning: args.keep === true,
      claudeArguments: rest,
    };
    if (!isDetached) return startAgentSession(app, request);
    return startDetached(app, request, { notifies: args.notify === true, isJson: args.json === true });
  },
});

function usage(state: string, hint: string): BottleError {
  return new BottleError({ code: "usage", message: `Cannot run "claude-bottle start": ${state}`, hint });
}
