/** `claude-bottle info`: what an agent is granted, from the manifest alone; or of a bottle that runs, where its secrets went. */
import { defineCommand } from "citty";
import type { Observation } from "../../bottle/bottle.ts";
import { screenOf } from "../../host/world.ts";
import { findAgent } from "../../plan/make-plan.ts";
import { renderGrants } from "../../plan/preflight.ts";
import type { CommandData } from "../args/command-data.ts";
import { agentArgument } from "../args/arguments.ts";
import { preparePlan, withoutSession } from "../../session/decide/prepare-plan.ts";
import { readManifest } from "../../session/decide/read-manifest.ts";
import { showBottle } from "../render/show-bottle.ts";
import { findToken } from "../../session/decide/token.ts";

export const examples = [
  "claude-bottle info hello          # what the manifest grants; needs no engine",
  "claude-bottle info hello-k3f9q2   # of a running bottle: where its secrets went",
] as const;

export const command = defineCommand({
  meta: { name: "info" },
  args: {
    agent: {
      ...agentArgument.agent,
      description: "Name of an agent in the manifest, or of a running bottle",
    },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { world, settings } = app;
    const { files, manifest } = await readManifest(world);
    if (!manifest.agents.has(args.agent) && (await showBottle(app, args.agent))) return;
    const { agent, bottle } = findAgent(manifest, args.agent);
    const { plan } = await preparePlan(
      { world, settings, session: "info", observe: async () => unobserved },
      {
        agent,
        bottle,
        files,
        token: findToken(world.env),
        ...withoutSession,
      },
    );
    world.stdout.write(renderGrants(plan, screenOf(world, world.stdout)));
  },
});

/** The engine is not asked; `renderGrants` shows neither image nor runtime. */
const unobserved: Observation = {
  image: { reference: "", state: "given", baseImage: "", claudeVersion: "", dockerfile: undefined },
  runtime: { name: undefined, label: "", reason: "", state: "ready" },
  engine: "",
};
