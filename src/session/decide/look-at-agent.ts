/** What a start of an agent would do, for commands that show it, ask about it or make something of it without starting. */
import type { Bottles } from "../../bottle/bottles.ts";
import type { ImageRequest } from "../../bottle/bottle.ts";
import type { ManifestFile } from "../../core/manifest-file.ts";
import { findAgent } from "../../plan/make-plan.ts";
import type { App } from "../app.ts";
import { preparePlan, withoutSession } from "./prepare-plan.ts";
import type { PlanContext, PreparedPlan } from "./prepare-plan.ts";
import { readManifest } from "./read-manifest.ts";
import { findToken } from "./token.ts";

/** What was decided: the plan, what executing it needs, and who would execute it. */
export interface Decision {
  readonly prepared: PreparedPlan;
  readonly manifests: readonly ManifestFile[];
  /** As it is shown */
  readonly engine: string;
}

export interface Look extends Pick<PlanContext, "findAddresses"> {
  /** Of the agent */
  readonly name: string;
  readonly session: string;
  /** With this folder, for what is made of it */
  readonly hasWorkspace?: boolean;
}

/** The plan without a terminal, and mostly without anybody's folder. Values of variables are not needed for it. */
export async function lookAtAgent(
  { world, settings }: App,
  bottles: Bottles,
  { name, session, findAddresses, hasWorkspace = false }: Look,
): Promise<Decision> {
  const { files, manifest } = await readManifest(world);
  const { agent, bottle } = findAgent(manifest, name);
  const observe = (request: ImageRequest) => bottles.observe(request);
  const prepared = await preparePlan(
    {
      world,
      settings,
      session,
      observe,
      hasVariable: () => true,
      findTree: async (key, image) => (await bottles.findTree(key, image))?.madeAt,
      ...(findAddresses && { findAddresses }),
    },
    { agent, bottle, files, token: findToken(world.env), ...withoutSession, hasWorkspace },
  );
  return { prepared, manifests: files, engine: prepared.engine };
}
