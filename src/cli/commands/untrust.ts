/** `claude-bottle untrust`: forgets approvals, so that the next start shows everything as new and asks. Needs no valid manifest. */
import { defineCommand } from "citty";
import { BottleError, exitCodes } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { readManifestFiles } from "../../host/manifest-files.ts";
import { findRealPaths, removeApprovals, stateFolder } from "../../host/state.ts";
import type { CommandData } from "../args/command-data.ts";

export const examples = [
  "claude-bottle untrust hello    # here: with the manifest of this project",
  "claude-bottle untrust          # every agent here",
  "claude-bottle untrust --all    # every agent of every project",
] as const;

export const command = defineCommand({
  meta: { name: "untrust" },
  args: {
    agent: {
      type: "positional",
      required: false,
      description: "Name of an agent; if omitted, all agents here",
    },
    all: { type: "boolean", description: "Of every project" },
  },
  async run({ args, data }) {
    const { world } = (data as CommandData).app;
    if (args.all && args.agent !== undefined) throw twoAnswers();
    const manifests = await readManifestFiles(world);
    const here = (await findRealPaths(manifests.map((file) => file.path))).join("\0");
    const removed = await removeApprovals(
      stateFolder(world),
      ({ agent, files }) =>
        args.all === true ||
        (files.join("\0") === here && (args.agent === undefined || agent === args.agent)),
    );
    const names = removed.map(({ agent }) => escapeForTerminal(agent)).join(", ");
    world.stderr.write(removed.length === 0 ? "Nothing was approved.\n" : `No longer approved: ${names}\n`);
    return exitCodes.ok;
  },
});

function twoAnswers(): BottleError {
  return new BottleError({
    code: "usage",
    message: 'Cannot run "claude-bottle untrust": an agent and --all are given',
    hint: "Name an agent, or give --all.",
  });
}
