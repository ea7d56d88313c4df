/** What is built for a devcontainer.json: its own Dockerfile, if it has one, and on its image what a bottle needs. */
import type { DevcontainerPlan } from "../../plan/devcontainer-plan.ts";
import layer from "./devcontainer.Dockerfile" with { type: "text" };
import layerScript from "./devcontainer-layer.sh" with { type: "text" };
import { parseDockerfile } from "./dockerfile/instructions.ts";
import { requireOneReading } from "./dockerfile/one-reading.ts";
import { readFeatureRecipes } from "./feature-recipes.ts";
import { nameRecipe } from "./recipe.ts";
import type { Recipe, RecipeParts } from "./recipe.ts";
import type { RecipeSettings } from "./recipe-settings.ts";

const trust = "ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt\n";

export interface DevcontainerSurroundings {
  readonly settings: RecipeSettings;
  readonly claudeVersion: string;
  /** The default image, which Claude Code and Node are taken from */
  readonly agent: string;
  /** Last in the Dockerfile */
  readonly finish: string;
}

/** From the bottom to the top. Throws for a Dockerfile that two builders would read differently. */
export async function readDevcontainerRecipes(
  devcontainer: DevcontainerPlan,
  { settings, claudeVersion, agent, finish }: DevcontainerSurroundings,
): Promise<Recipe[]> {
  const built = await readBuild(devcontainer, settings, claudeVersion);
  const certificates = settings.certificates.map((content, index) => ({
    path: `layer/extra-${index + 1}.crt`,
    content,
  }));
  const top = nameRecipe({
    dockerfile: `${layer}${certificates.length > 0 ? trust : ""}${finish}`,
    base: built?.reference ?? devcontainer.image,
    agent,
    claudeVersion,
    files: [...certificates, { path: "layer/layer.sh", content: layerScript }],
    isOwn: false,
    isAddition: true,
  });
  const around = { settings, claudeVersion, base: top.reference, finish };
  return [...(built ? [built] : []), top, ...(await readFeatureRecipes(devcontainer, around))];
}

async function readBuild(
  { build }: DevcontainerPlan,
  settings: RecipeSettings,
  claudeVersion: string,
): Promise<Recipe | undefined> {
  if (!build) return undefined;
  const { dockerfile: path, context: folder, args: buildArgs, target } = build;
  const text = await settings.readFile(path);
  requireOneReading(path, parseDockerfile(text));
  const context = await settings.readContext({ folder, dockerfile: path });
  const parts: RecipeParts = {
    dockerfile: text,
    base: undefined,
    claudeVersion,
    files: [],
    context,
    buildArgs,
    target,
    isOwn: true,
    isAddition: true,
  };
  return nameRecipe(parts);
}
