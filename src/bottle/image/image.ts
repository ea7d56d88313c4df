/** The agent's image: which one a bottle needs, whether it is there, and making it when its inputs changed. */
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import { claudeReleased, claudeVersion } from "../../plan/claude-version.ts";
import { buildNetwork } from "../../plan/build-network.ts";
import { findForeignImage } from "../../plan/describe-devcontainer.ts";
import type { ContextPlan, ImagePlan } from "../../plan/plan.ts";
import type { ImageRequest, Progress } from "../bottle.ts";
import type { Images } from "../platform/images.ts";
import { readCertificates, summarise } from "./extra-certificates.ts";
import { findSidecarImage, readRecipes } from "./image-recipes.ts";
import type { Recipe } from "./recipe.ts";
import type { RecipeSettings } from "./recipe-settings.ts";
import { agentLabel, baseLabel, buildRecipe, inputsLabel } from "./build-recipe.ts";

export interface ImageSettings extends Pick<RecipeSettings, "readContext"> {
  /** `CLAUDE_BOTTLE_IMAGE`: run this and build nothing */
  readonly image: string | undefined;
  /** `CLAUDE_BOTTLE_BASE_IMAGE` or the default */
  readonly baseImage: string;
  readonly claudeVersion: string;
  /** `CLAUDE_BOTTLE_CA_CERTS`: absolute path of a file with certificates */
  readonly certificatesPath: string | undefined;
  /** Reads the manifest's own Dockerfile, and the certificates */
  readonly readFile: (path: string) => Promise<string>;
}

export interface BuildOptions {
  readonly force: boolean;
  /** What was approved: another text of the Dockerfile since then is neither built nor run */
  readonly expected?: string;
  /** Asks for a newer image of those that others make */
  readonly pulls?: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Looks which image the bottle would run, and whether it has to be built first. Creates nothing. */
export async function observeImage(
  images: Images,
  request: ImageRequest,
  settings: ImageSettings,
): Promise<ImagePlan> {
  const { name, packages, devcontainer } = request;
  const dockerfile = devcontainer ? devcontainer.build?.dockerfile : request.dockerfile;
  const release = request.claudeVersion ?? settings.claudeVersion;
  const { image } = settings;
  const common = {
    baseImage: name ?? devcontainer?.image ?? (devcontainer && dockerfile) ?? settings.baseImage,
    claudeVersion: release,
    dockerfile,
    ...(devcontainer && { devcontainer }),
    ...(packages && { packages }),
  };
  if (image !== undefined) return { ...common, ...(name && { name }), reference: image, state: "given" };
  const certificates = await findCertificates(settings);
  const recipes = await readRecipes(request, { ...settings, certificates });
  const foreign = findForeignImage(request);
  const others = {
    ...(name !== undefined && { name }),
    ...(foreign !== undefined && (await resolveName(images, foreign, recipes))),
  };
  const own = recipes.find((one) => one.isOwn);
  const context = describeContext(own);
  const reference = recipes.at(-1)?.reference;
  if (reference === undefined) return { ...common, ...others, reference: common.baseImage, state: "given" };
  const extraCertificates = summarise(certificates);
  const state = (await findStale(images, recipes)).length === 0 ? "exists" : "build";
  const sidecarReference = findSidecarImage(recipes) ?? reference;
  const claudeDate = name === undefined ? await findClaudeDate(images, release, sidecarReference) : undefined;
  return {
    ...common,
    ...others,
    ...(own && { dockerfileText: own.dockerfile }),
    ...(recipes.some((one) => one.isAddition) && { buildNetwork }),
    ...(context && { context }),
    ...describeFeatures(recipes),
    ...(extraCertificates && { extraCertificates }),
    ...(claudeDate && { claudeDays: countDays(claudeDate) }),
    reference,
    sidecarReference,
    state,
  };
}

/** What is built on it, and was built from an approved one, says what that was also when the name is not there any more. */
async function resolveName(
  images: Images,
  name: string,
  recipes: readonly Recipe[],
): Promise<Pick<ImagePlan, "resolved">> {
  if (name.includes("@")) return {};
  const found = await images.find(name);
  if (found) return { resolved: found.id };
  const onTop = recipes.find((one) => one.base === name);
  const made = onTop && (await images.find(onTop.reference));
  return { resolved: made?.labels[baseLabel] || "absent" };
}

/** Of the usual release it is known; of another one that it cannot be younger than the image it is in. */
async function findClaudeDate(
  images: Images,
  version: string,
  reference: string,
): Promise<string | undefined> {
  if (version === claudeVersion) return claudeReleased;
  return (await images.find(reference))?.created;
}

const dayMs = 24 * 60 * 60 * 1_000;

/** Undefined for what is no date, and for a clock that goes wrong. */
function countDays(date: string): number | undefined {
  const days = Math.floor((Date.now() - Date.parse(date)) / dayMs);
  return days >= 0 ? days : undefined;
}

function describeContext(recipe: Recipe | undefined): ContextPlan | undefined {
  if (!recipe?.context) return undefined;
  const { directory, count, bytes, digest, isHome } = recipe.context;
  return { directory, files: count, bytes, digest, isHome };
}

function describeFeatures(recipes: readonly Recipe[]): Pick<ImagePlan, "features"> {
  const features = recipes.flatMap((recipe) => {
    const context = describeContext(recipe);
    return recipe.feature === undefined || !context ? [] : [{ id: recipe.feature, ...context }];
  });
  return features.length === 0 ? {} : { features };
}

/** Names of all that a bottle's image is built of; empty for one that is used as it is. */
export async function listReferences(request: ImageRequest, settings: ImageSettings): Promise<string[]> {
  const certificates = await findCertificates(settings);
  return (await readRecipes(request, { ...settings, certificates })).map((recipe) => recipe.reference);
}

/** Makes the image unless it is there and its inputs are unchanged. Returns the reference to run. */
export async function ensureImage(
  images: Images,
  request: ImageRequest,
  settings: ImageSettings,
  options: BuildOptions,
): Promise<string> {
  const { progress, signal, pulls = false } = options;
  if (settings.image !== undefined) {
    await ensurePresent(images, settings.image, progress, signal, pulls);
    return settings.image;
  }
  const context = request.context ?? request.devcontainer?.build?.context;
  if (context !== undefined) progress.step(`Reading the build context ${context}`);
  const recipes = await readRecipes(request, { ...settings, certificates: await findCertificates(settings) });
  const base = request.name ?? settings.baseImage;
  const reference = recipes.at(-1)?.reference ?? base;
  if (options.expected !== undefined && options.expected !== reference) throw changedSince(request);
  const foreign = request.devcontainer?.image;
  if (pulls || recipes.length === 0) await ensurePresent(images, base, progress, signal, pulls);
  if (pulls && foreign !== undefined) await ensurePresent(images, foreign, progress, signal, pulls);
  const stale = options.force ? recipes : await findStale(images, recipes);
  // What lies below is there already, also where it was loaded and could not be built
  if (stale.length === recipes.length) await ensurePresent(images, base, progress, signal);
  for (const recipe of stale) {
    if (recipe.base !== undefined && recipe.base === foreign)
      await ensurePresent(images, foreign, progress, signal);
    await buildRecipe(images, recipe, options);
  }
  return reference;
}

async function findCertificates({ certificatesPath: path, readFile }: ImageSettings): Promise<string[]> {
  return path === undefined ? [] : readCertificates(path, await readFile(path));
}

/** Makes sure an image made by others is there, fetching it if need be. */
export async function ensurePresent(
  images: Images,
  reference: string,
  progress: Progress,
  signal: AbortSignal,
  pulls = false,
): Promise<void> {
  if (!pulls && (await images.find(reference))) return;
  progress.step(`Fetching ${reference}`);
  await images.pull(reference, (line) => progress.detail(line), signal);
}

/**
 * The recipes that have to be built: the first that is not current, and all on top of it. An image is current if it was made from the same
 * text and, while the base is still there, from that very base.
 */
async function findStale(images: Images, recipes: readonly Recipe[]): Promise<readonly Recipe[]> {
  for (const [index, recipe] of recipes.entries()) {
    const [image, base, agent] = await Promise.all(
      [recipe.reference, recipe.base, recipe.agent].map(async (one) =>
        one === undefined ? undefined : images.find(one),
      ),
    );
    if (!image || image.labels[inputsLabel] !== recipe.inputs) return recipes.slice(index);
    if (base && image.labels[baseLabel] !== base.id) return recipes.slice(index);
    if (agent && image.labels[agentLabel] !== agent.id) return recipes.slice(index);
  }
  return [];
}

function changedSince({ dockerfile, context, devcontainer }: ImageRequest): BottleError {
  const things = [dockerfile, context, devcontainer?.build?.dockerfile, devcontainer?.build?.context].flatMap(
    (one) => (one === undefined ? [] : [quote(one)]),
  );
  return new BottleError({
    code: "image",
    message: `Cannot build the image: ${things.join(" or ") || "what it is made from"} changed after the plan was shown`,
    hint: "Start again and look at what changed.",
  });
}
