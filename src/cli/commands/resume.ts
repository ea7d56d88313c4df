/** `claude-bottle resume`: continues an earlier session in a new bottle. */
import { defineCommand } from "citty";
import { BottleError } from "../../core/error.ts";
import { escapeForTerminal, quote } from "../../core/text.ts";
import { isFolder } from "../../host/files.ts";
import { programPath } from "../../host/program-path.ts";
import type { CommandData } from "../args/command-data.ts";
import { allowHomeArgument, keepArgument, yesArgument } from "../args/arguments.ts";
import { findRecord } from "../../session/resolve/find-receipt.ts";
import { startAgentSession } from "../../session/start/start-session.ts";

export const examples = [
  "claude-bottle resume k3f9q2   # the same agent, claude's session, and the pulled work",
] as const;

export const command = defineCommand({
  meta: { name: "resume" },
  args: {
    session: {
      type: "positional",
      required: true,
      description: 'Id of a session as "claude-bottle sessions" shows it',
    },
    "dry-run": { type: "boolean", description: "Show the plan and stop; creates nothing" },
    ...yesArgument,
    "trust-project": {
      type: "boolean",
      description: "With --yes: also accept project files that you have not approved",
    },
    "allow-home": {
      ...allowHomeArgument["allow-home"],
      description: "Also if the session's folder is your home folder or holds it",
    },
    ...keepArgument,
    verbose: { type: "boolean" },
  },
  async run({ args, data }) {
    const { app, rest } = data as CommandData;
    const receipt = await findRecord(app.world, args.session);
    if (receipt.claudeSession === undefined) throw noTranscript(receipt.session);
    if (receipt.workspace !== undefined && !(await isFolder(receipt.workspace)))
      throw noWorkspace(receipt.session, receipt.workspace);
    // Manifest, approval and repository are those of the folder that the session was started in
    const cwd = receipt.workspace ?? app.world.cwd;
    const env = { ...app.world.env, PATH: programPath(app.world.env["PATH"], { ...app.world, cwd }) };
    const world = { ...app.world, cwd, env };
    return startAgentSession(
      { ...app, world },
      {
        agentName: receipt.agent,
        isDryRun: args["dry-run"] === true || app.settings.isDryRun,
        isJson: false,
        isYes: args.yes === true,
        trustsProject: args["trust-project"] === true,
        hasWorkspace: receipt.workspace !== undefined,
        allowsHome: args["allow-home"] === true,
        isVerbose: args.verbose === true,
        hasTranscript: true,
        keepsRunning: args.keep === true,
        claudeArguments: ["--resume", receipt.claudeSession, ...rest],
        resumes: receipt.session,
      },
    );
  },
});

function noWorkspace(session: string, workspace: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot resume session ${escapeForTerminal(session)}: its folder ${quote(workspace)} is gone`,
    hint: "Put the folder back where it was, or start a new session where it is now.",
  });
}

function noTranscript(session: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot resume session ${escapeForTerminal(session)}: its transcript was not kept`,
    hint: `Start a new one; its work is in refs/bottles/${escapeForTerminal(session)}/.`,
  });
}
