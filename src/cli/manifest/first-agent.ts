/** The way of somebody who has no manifest yet: the questions of `init`, in front of the start that was typed. */
import { manifestName, readManifestFiles } from "../../host/manifest-files.ts";
import { canAsk } from "../../host/prompt.ts";
import type { App } from "../../session/app.ts";
import { initAgent } from "./init-agent.ts";

/** Name of the agent that was made; undefined where there is a manifest, nobody to ask, or none was wanted. */
export async function makeFirstAgent({ world }: App, typed: string | undefined): Promise<string | undefined> {
  if (!canAsk(world) || (await readManifestFiles(world)).length > 0) return undefined;
  const { makePrompts } = await import("../../host/prompts.ts");
  const prompts = makePrompts(world);
  prompts.say(
    `There is no ${manifestName} in this project and none in ${world.home}, so a few questions come first.\nPress Enter for the default.\n`,
  );
  return initAgent(world, prompts, typed);
}
