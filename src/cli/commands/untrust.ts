/** `claude-bottle untrust`: forgets approvals, so that the next start shows everything as new and asks. Needs no valid manifest. */
import { defineCommand } from "citty";
import { BottleError, exitCodes } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import type { ManifestFile } from "../../core/manifest-file.ts";
import { listIncludes } from "../../manifest/includes.ts";
import { parseManifests } from "../../manifest/parse-manifest.ts";
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
    const manifests = await readManifestFiles(world, listIncludes);
    const here = (await findRealPaths(manifests.map((file) => file.path))).join("\0");
    const bottle = args.agent === undefined ? undefined : findBottle(manifests, args.agent);
    const removed = await removeApprovals(
      stateFolder(world),
      ({ agent, files, policy }) =>
        args.all === true ||
        (files.join("\0") === here &&
          (args.agent === undefined || agent === args.agent || policy.includes(`bottle ${bottle}`))),
    );
    const names = removed.map(({ agent }) => escapeForTerminal(agent)).join(", ");
    world.stderr.write(removed.length === 0 ? "Nothing was approved.\n" : `No longer approved: ${names}\n`);
    return exitCodes.ok;
  },
});

/** An approval of any agent of a bottle serves all of them. Undefined where the manifest cannot be read or has no such agent. */
function findBottle(manifests: readonly ManifestFile[], agent: string): string | undefined {
  try {
    return parseManifests(manifests).agents.get(agent)?.bottle;
  } catch {
    return undefined;
  }
}

function twoAnswers(): BottleError {
  return new BottleError({
    code: "usage",
    message: 'Cannot run "claude-bottle untrust": an agent and --all are given',
    hint: "Name an agent, or give --all.",
  });
}
