/** What is built for the features of a devcontainer.json: an image each, on top of what a bottle needs. */
import { inSingleQuotes, quoteForShell } from "../../core/shell-quote.ts";
import type { DevcontainerPlan, FeaturePlan } from "../../plan/devcontainer-plan.ts";
import { nameRecipe } from "./recipe.ts";
import type { Recipe } from "./recipe.ts";
import type { RecipeSettings } from "./recipe-settings.ts";

const place = "/opt/claude-bottle/feature";

/** Its name in the image; busybox's id knows no numbers */
const findUser = "sed -n 's/^\\([^:]*\\):[^:]*:1000:.*/\\1/p' /etc/passwd";

export interface FeatureSurroundings {
  readonly settings: RecipeSettings;
  readonly claudeVersion: string;
  /** What the first one stands on */
  readonly base: string;
  /** Last in each Dockerfile */
  readonly finish: string;
}

/** From the bottom to the top. */
export async function readFeatureRecipes(
  { path, features = [] }: DevcontainerPlan,
  { settings, claudeVersion, base, finish }: FeatureSurroundings,
): Promise<Recipe[]> {
  const recipes: Recipe[] = [];
  for (const feature of features) {
    const context = await settings.readContext({ folder: feature.folder, dockerfile: path });
    recipes.push(
      nameRecipe({
        dockerfile: renderFeature(feature, finish),
        base: recipes.at(-1)?.reference ?? base,
        claudeVersion,
        files: [],
        context,
        feature: feature.id,
        isOwn: false,
        isAddition: true,
      }),
    );
  }
  return recipes;
}

/** The user of a bottle is told to it as the specification of features has it. Every word is one of the builder's and of the shell's. */
function renderFeature({ options, containerEnv }: FeaturePlan, finish: string): string {
  const env = Object.entries(containerEnv).map(([name, value]) => `ENV ${name}="${escapeWord(value)}"`);
  const words = Object.entries(options).map(([name, value]) => `${name}=${inSingleQuotes(value)}`);
  const users = ["_REMOTE_USER", "_CONTAINER_USER"].map((name) => `${name}="$user"`);
  const homes = ["_REMOTE_USER_HOME", "_CONTAINER_USER_HOME"].map((name) => `${name}=/home/node`);
  const given = ["env", ...users, ...homes, ...words].join(" ");
  const steps = [
    `chmod -R 0755 ${quoteForShell(place)}`,
    `cd ${place}`,
    `user=$(${findUser})`,
    `${given} ./install.sh`,
    `rm -rf ${quoteForShell(place)}`,
  ];
  const lines = ["ARG BASE_IMAGE", "FROM ${BASE_IMAGE}", "USER root", ...env, `COPY . ${place}`];
  return [...lines, `RUN ${steps.join(" && ")}`, finish].join("\n");
}

/** Variables of the image stay variables: a PATH stands on the one before it. */
function escapeWord(text: string): string {
  return text.replaceAll(/["\\]/g, "\\$&");
}
