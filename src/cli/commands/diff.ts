/** `claude-bottle diff`: what an agent has changed since its bottle was started, read from the bottle and written nowhere. */
import { defineCommand } from "citty";
import { BottleError, exitCodes } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import type { CommandData } from "../args/command-data.ts";
import { workArgument } from "../args/arguments.ts";
import { findSession } from "../../session/resolve/find-session.ts";
import { makeTextSink } from "../render/text-sink.ts";
import { makeWorkProgress } from "../../session/end/work-progress.ts";

export const examples = [
  "claude-bottle diff hello-k3f9q2           # files and how much changed in each",
  "claude-bottle diff hello-k3f9q2 --patch   # the changes themselves",
] as const;

export const command = defineCommand({
  meta: { name: "diff" },
  args: {
    ...workArgument,
    patch: { type: "boolean", alias: "p", description: "Show the changes themselves" },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { stdout, stderr } = app.world;
    const { entry } = await findSession(app.world, args.bottle);
    if (!entry.workspace) throw noWorkspace(entry.bottleName);
    let isWhole = true;
    const progress = makeWorkProgress(app.world, `Comparing ${entry.bottleName}`);
    const sink = makeTextSink(
      (line) => {
        progress.done();
        stdout.write(`${line}\n`);
      },
      (problem) => {
        progress.done();
        isWhole = false;
        stderr.write(`${escapeForTerminal(problem)}\n`);
      },
    );
    await (
      await app.openFactory()
    )
      .collectWork(
        {
          session: entry.session,
          task: args.patch ? "patch" : "stat",
          hasWorkspace: true,
          hasTranscript: false,
          repositories: entry.workspace.repositories,
        },
        { progress: progress.tell, ...sink },
      )
      .finally(progress.done);
    return isWhole ? exitCodes.ok : exitCodes.failure;
  },
});

function noWorkspace(name: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot compare ${escapeForTerminal(name)}: nothing was copied into it`,
    hint: "Start it with --cwd to give it a copy of this folder.",
  });
}
