/** `claude-bottle run`: a prompt in, claude's answer out. No terminal and no question; for scripts, pipes and CI. */
import { defineCommand } from "citty";
import { hasInput, makePipeTerminal } from "../../host/pipe-terminal.ts";
import type { CommandData } from "../args/command-data.ts";
import { optionalAgentArgument, startArguments } from "../args/arguments.ts";
import { readName } from "../args/bottle-name.ts";
import { makeHeadlessWords } from "../args/headless-words.ts";
import { readDuration } from "../render/live-words.ts";
import { chooseAgent } from "../../session/resolve/choose-agent.ts";
import { startAgentSession } from "../../session/start/start-session.ts";
import { readWorkspaceFlags } from "../args/workspace-flags.ts";

export const examples = [
  "claude-bottle run hello -p 'What is in this folder?' --cwd",
  "git diff | claude-bottle run reviewer -p 'Review this'          # stdin goes to claude as well",
  "claude-bottle run hello --output-format=json <prompt.txt | jq .result",
  "claude-bottle run hello -p 'Fix the tests' --cwd --timeout=30m --quiet",
] as const;

export const command = defineCommand({
  meta: { name: "run" },
  args: {
    ...optionalAgentArgument,
    prompt: {
      type: "string",
      alias: "p",
      valueHint: "TEXT",
      description: "The prompt; if omitted, it is read from stdin",
    },
    "output-format": {
      type: "string",
      valueHint: "FORMAT",
      description: "text (default), json or stream-json",
    },
    timeout: { type: "string", valueHint: "TIME", description: "End it after 90s, 30m, 2h; exit code 124" },
    ...startArguments,
    empty: { type: "boolean", description: "Copy nothing in, as without --cwd" },
    yes: { type: "boolean", alias: "y", description: "Implied: run never asks" },
    quiet: { type: "boolean", alias: "q", description: "Print only errors on stderr" },
  },
  async run({ args, data }) {
    const { app, rest } = data as CommandData;
    const { world } = app;
    const { hasWorkspace = false, allowsHome } = readWorkspaceFlags("run", args);
    const claudeArguments = makeHeadlessWords({
      prompt: args.prompt,
      outputFormat: args["output-format"],
      hasInput: hasInput(world.stdin),
      rest,
    });
    return startAgentSession(app, {
      agentName: await chooseAgent(app, args.agent),
      name: readName(args.name),
      isDryRun: app.settings.isDryRun,
      isJson: false,
      isYes: true,
      trustsProject: args["trust-project"] === true,
      asksNothing: true,
      hasWorkspace,
      allowsHome,
      isVerbose: args.verbose === true,
      isQuiet: args.quiet === true,
      hasTranscript: args.transcript !== false,
      timeoutMs: args.timeout === undefined ? undefined : readDuration(args.timeout, "--timeout=30m"),
      openTerminal: makePipeTerminal,
      claudeArguments,
    });
  },
});
