/** `claude-bottle diff`: what an agent has changed since its bottle was started, from the bottle or from what it brought back. */
import type { JournalEntry } from "../../protocol/journal-entry.ts";
import type { Receipt } from "../../protocol/receipt.ts";
import { defineCommand } from "citty";
import { BottleError, exitCodes } from "../../core/error.ts";
import type { ExitCode } from "../../core/error.ts";
import { escapeForTerminal, escapeLines } from "../../core/text.ts";
import type { App } from "../../session/app.ts";
import { readEndedDiff } from "../../session/merge/ended-diff.ts";
import { findWork } from "../../session/resolve/find-work.ts";
import { makeWorkProgress } from "../../session/end/work-progress.ts";
import type { CommandData } from "../args/command-data.ts";
import { workArgument } from "../args/arguments.ts";
import { makeTextSink } from "../render/text-sink.ts";

export const examples = [
  "claude-bottle diff hello-k3f9q2           # files and how much changed in each",
  "claude-bottle diff hello-k3f9q2 --patch   # the changes themselves",
  "claude-bottle diff k3f9q2                 # also of a session that has ended",
] as const;

export const command = defineCommand({
  meta: { name: "diff" },
  args: {
    ...workArgument,
    patch: { type: "boolean", alias: "p", description: "Show the changes themselves" },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const found = await findWork(app.world, args.bottle);
    const isPatch = args.patch === true;
    return found.state === "ended"
      ? showEnded(app, found.receipt, isPatch)
      : showHere(app, found.entry, isPatch);
  },
});

async function showEnded({ world }: App, receipt: Receipt, isPatch: boolean): Promise<ExitCode> {
  if (receipt.workspace === undefined) throw noWorkspace(receipt.bottleName);
  const text = await readEndedDiff(world, receipt, isPatch);
  if (text === "") world.stderr.write(`${escapeForTerminal(receipt.bottleName)} has no changes.\n`);
  else world.stdout.write(escapeLines(text));
  return exitCodes.ok;
}

async function showHere(app: App, entry: JournalEntry, isPatch: boolean): Promise<ExitCode> {
  const { stdout, stderr } = app.world;
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
  const bottles = await app.openBottles();
  await bottles
    .collectWork(
      {
        session: entry.session,
        task: isPatch ? "patch" : "stat",
        hasWorkspace: true,
        hasTranscript: false,
        repositories: entry.workspace.repositories,
        hasWentIn: entry.hasWentIn ?? false,
      },
      { progress: progress.tell, ...sink },
    )
    .finally(progress.done);
  return isWhole ? exitCodes.ok : exitCodes.failure;
}

function noWorkspace(name: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot compare ${escapeForTerminal(name)}: nothing was copied into it`,
    hint: "Start it in a repository, or with --cwd, to give it a copy of the folder.",
  });
}
