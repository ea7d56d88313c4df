/** `claude-bottle build`: makes the image ahead of the first start, or rebuilds it. */
import type { Bottles } from "../../bottle/bottles.ts";
import { defineCommand } from "citty";
import { BottleError, exitCodes } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import { makeProgress } from "../../host/progress.ts";
import { watchSignals } from "../../host/signals.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import type { CommandData } from "../args/command-data.ts";
import type { App } from "../../session/app.ts";
import { fetchImage } from "../../session/decide/fetch-approved.ts";
import { lookAtAgent } from "../../session/decide/look-at-agent.ts";
import type { PreparedPlan } from "../../session/decide/prepare-plan.ts";
import { requireApproval } from "../../session/decide/require-approval.ts";
import { ensureTree } from "../../session/run/ensure-tree.ts";

export const examples = [
  "claude-bottle build                # the default image, unless it is there",
  "claude-bottle build gitea-helper   # the image of an agent's bottle",
  "claude-bottle build --pull         # on the newest base image",
  "claude-bottle build gitea-helper --setup   # also run the setup for this folder",
  "claude-bottle build --no-cache     # every step again, with the newest Debian packages",
] as const;

export const command = defineCommand({
  meta: { name: "build" },
  args: {
    agent: { type: "positional", required: false, description: "Build the image of this agent's bottle" },
    cache: { type: "boolean", default: true, description: "Rebuild without the cache" },
    pull: { type: "boolean", description: "Look for a newer base image first, and rebuild on it" },
    setup: {
      type: "boolean",
      description: "Also run the bottle's setup for this folder, and keep what it makes",
    },
    verbose: { type: "boolean" },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { stdout, stderr } = app.world;
    const bottles = await app.openBottles();
    const pulls = args.pull === true;
    const hasWorkspace = args.setup === true;
    if (hasWorkspace && args.agent === undefined) throw nobodysSetup();
    const approved =
      args.agent === undefined
        ? undefined
        : await approveImage(app, bottles, args.agent, { pulls, hasWorkspace });
    if (hasWorkspace && approved && !approved.plan.setup) throw noSetup(approved.plan);
    const image =
      args.agent === undefined
        ? (await bottles.observe({ dockerfile: undefined })).image
        : approved?.plan.image;
    if (image === undefined) {
      stderr.write("Not built.\n");
      return exitCodes.failure;
    }
    const signals = watchSignals(stdout);
    const progress = makeProgress(app.world, args.verbose === true);
    try {
      const options = { force: args.cache === false, pulls, progress, signal: signals.signal };
      const reference = await bottles.buildImage(image, options);
      if (approved) await ensureTree(app, bottles, approved, { progress, signals });
      progress.done();
      stdout.write(`${reference}\n`);
      return exitCodes.ok;
    } finally {
      progress.done();
      signals.stop();
    }
  },
});

/** Undefined after a no. What a pull changes about an image of others is asked about before anything of it runs. */
async function approveImage(
  app: App,
  bottles: Bottles,
  name: string,
  { pulls, hasWorkspace }: { readonly pulls: boolean; readonly hasWorkspace: boolean },
): Promise<PreparedPlan | undefined> {
  const undertaking = { action: "build", question: "Build this image?" };
  const look = () => lookAtAgent(app, bottles, { name, session: "build", hasWorkspace });
  let approved = await requireApproval(app, bottles, await look(), undertaking);
  const other = approved?.prepared.plan.image.resolved && approved.prepared.plan.image.name;
  if (pulls && other !== undefined) {
    await fetchImage(app, bottles, other);
    approved = await requireApproval(app, bottles, await look(), undertaking);
  }
  return approved?.prepared;
}

function nobodysSetup(): BottleError {
  return new BottleError({
    code: "usage",
    message: "Cannot run a setup: no agent is named",
    hint: 'Name it: "claude-bottle build AGENT --setup".',
  });
}

function noSetup({ bottle }: BottlePlan): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot run a setup: bottle ${quote(bottle.name)} has none`,
    hint: 'Add "setup" to it: "run", "inputs" and "keep".',
  });
}
