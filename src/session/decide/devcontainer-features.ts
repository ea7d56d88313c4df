/** The features of a devcontainer.json as their folders have them. */
import { join } from "node:path";
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import { findText } from "../../host/files.ts";
import { shortenPath } from "../../host/world.ts";
import type { World } from "../../host/world.ts";
import type { DevcontainerFeature } from "../../manifest/devcontainer/devcontainer.ts";
import { nameOption } from "../../manifest/devcontainer/feature-words.ts";
import { orderFeatures } from "../../manifest/devcontainer/order-features.ts";
import { parseFeature } from "../../manifest/devcontainer/parse-feature.ts";
import type { FeaturePlan } from "../../plan/devcontainer-plan.ts";

export interface TakenFeatures {
  /** In the order in which they are installed */
  readonly features: readonly FeaturePlan[];
  readonly notes: readonly string[];
}

/** `folder`: that of devcontainer.json, absolute. Throws for one that is not there, and for what a bottle cannot take of one. */
export async function takeFeatures(
  world: Pick<World, "home" | "cwd">,
  features: readonly DevcontainerFeature[],
  folder: string,
): Promise<TakenFeatures> {
  const read = orderFeatures(await Promise.all(features.map((one) => readFeature(world, one, folder))));
  return {
    features: read.map((one) => one.plan),
    notes: read.flatMap(({ id, notes }) => notes.map((note) => `feature ${id}: ${note}`)),
  };
}

async function readFeature(
  world: Pick<World, "home" | "cwd">,
  { id, options }: DevcontainerFeature,
  beside: string,
) {
  const folder = join(beside, id);
  const path = join(folder, "devcontainer-feature.json");
  const [text, script] = await Promise.all([findText(path), findText(join(folder, "install.sh"))]);
  if (text === undefined) throw notThere(id, path);
  if (script === undefined) throw notThere(id, join(folder, "install.sh"));
  const { name, after, defaults, containerEnv, notes } = parseFeature(text, shortenPath(path, world));
  const given = Object.entries(options).map(([option, value]) => [nameOption(option), value] as const);
  const plan: FeaturePlan = {
    id,
    folder,
    options: { ...defaults, ...Object.fromEntries(given) },
    containerEnv,
  };
  return { id, name, after, notes, plan };
}

function notThere(id: string, path: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot use feature ${quote(id)} of devcontainer.json: there is no file ${quote(path)}`,
    hint: "Put the feature's folder beside devcontainer.json, or remove it there.",
  });
}
