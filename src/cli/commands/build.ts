/** `claude-bottle build`: makes the image ahead of the first start, or anew. */
import { defineCommand } from "citty";
import type { ImageRequest } from "../../bottle/bottle.ts";
import { makeProgress } from "../../host/progress.ts";
import { watchSignals } from "../../host/signals.ts";
import { findAgent } from "../../plan/make-plan.ts";
import type { App, CommandData } from "../app.ts";
import { makeImageRequest } from "../dockerfile.ts";
import { readManifest } from "../read-manifest.ts";

export const examples = [
  "claude-bottle build                # the default image, unless it is there",
  "claude-bottle build gitea-helper   # the image of an agent's bottle",
  "claude-bottle build --pull         # on the newest base image",
  "claude-bottle build --no-cache     # anew, with the newest Debian packages",
] as const;

export const command = defineCommand({
  meta: { name: "build" },
  args: {
    agent: { type: "positional", required: false, description: "Build the image of this agent's bottle" },
    cache: { type: "boolean", default: true, description: "Build every step anew" },
    pull: { type: "boolean", description: "Look for a newer base image first; what is on top of it follows" },
    verbose: { type: "boolean" },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const image =
      args.agent === undefined ? { dockerfile: undefined } : await findAgentImage(app, args.agent);
    const factory = await app.openFactory();
    const signals = watchSignals(app.world.stdout);
    const progress = makeProgress(app.world, args.verbose === true);
    try {
      const pulls = args.pull === true;
      const options = { force: args.cache === false, pulls, progress, signal: signals.signal };
      const reference = await factory.buildImage(image, options);
      progress.done();
      app.world.stdout.write(`${reference}\n`);
    } finally {
      progress.done();
      signals.stop();
    }
  },
});

async function findAgentImage({ world }: App, name: string): Promise<ImageRequest> {
  const { files, manifest } = await readManifest(world);
  return makeImageRequest(findAgent(manifest, name).bottle, files, world);
}
