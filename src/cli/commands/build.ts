/** `claude-bottle build`: makes the image ahead of the first start, or rebuilds it. */
import type { Bottles } from "../../bottle/bottles.ts";
import { defineCommand } from "citty";
import { exitCodes } from "../../core/error.ts";
import { makeProgress } from "../../host/progress.ts";
import { watchSignals } from "../../host/signals.ts";
import type { ImagePlan } from "../../plan/plan.ts";
import type { CommandData } from "../args/command-data.ts";
import type { App } from "../../session/app.ts";
import { fetchImage } from "../../session/decide/fetch-approved.ts";
import { lookAtAgent } from "../../session/decide/look-at-agent.ts";
import { requireApproval } from "../../session/decide/require-approval.ts";

export const examples = [
  "claude-bottle build                # the default image, unless it is there",
  "claude-bottle build gitea-helper   # the image of an agent's bottle",
  "claude-bottle build --pull         # on the newest base image",
  "claude-bottle build --no-cache     # every step again, with the newest Debian packages",
] as const;

export const command = defineCommand({
  meta: { name: "build" },
  args: {
    agent: { type: "positional", required: false, description: "Build the image of this agent's bottle" },
    cache: { type: "boolean", default: true, description: "Rebuild without the cache" },
    pull: { type: "boolean", description: "Look for a newer base image first, and rebuild on it" },
    verbose: { type: "boolean" },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { stdout, stderr } = app.world;
    const bottles = await app.openBottles();
    const pulls = args.pull === true;
    const image =
      args.agent === undefined
        ? (await bottles.observe({ dockerfile: undefined })).image
        : await approveImage(app, bottles, args.agent, pulls);
    if (image === undefined) {
      stderr.write("Not built.\n");
      return exitCodes.failure;
    }
    const signals = watchSignals(stdout);
    const progress = makeProgress(app.world, args.verbose === true);
    try {
      const options = { force: args.cache === false, pulls, progress, signal: signals.signal };
      const reference = await bottles.buildImage(image, options);
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
  pulls: boolean,
): Promise<ImagePlan | undefined> {
  const undertaking = { action: "build", question: "Build this image?" };
  const look = () => lookAtAgent(app, bottles, { name, session: "build" });
  let approved = await requireApproval(app, bottles, await look(), undertaking);
  const other = approved?.prepared.plan.image.resolved && approved.prepared.plan.image.name;
  if (pulls && other !== undefined) {
    await fetchImage(app, bottles, other);
    approved = await requireApproval(app, bottles, await look(), undertaking);
  }
  return approved?.prepared.plan.image;
}
