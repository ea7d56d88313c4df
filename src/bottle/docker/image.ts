/** The agent's image: which one a bottle needs, whether it is there, and making it when its inputs changed. */
import { createHash } from "node:crypto";
import type { ImageRequest, Progress } from "../bottle.ts";
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import { buildImage } from "../../engine/build-image.ts";
import type { Engine } from "../../engine/engine.ts";
import { findImage, pullImage } from "../../engine/images.ts";
import { makeTar } from "../../engine/tar.ts";
import type { ImagePlan } from "../../plan/plan.ts";
import { claudeVersion } from "../../plan/claude-version.ts";
import agentDockerfile from "./agent.Dockerfile" with { type: "text" };

/** Labels on the image itself; what they say decides whether it is still the right one */
const baseLabel = "claude-bottle.image.base";
const inputsLabel = "claude-bottle.image.inputs";
const repository = "claude-bottle";
/** Hexadecimal digits, 128 bits: an approval names the image by its tag, so nobody may be able to make another of the same */
const tagLength = 32;

export interface ImageSettings {
  /** `CLAUDE_BOTTLE_IMAGE`: run this and build nothing */
  readonly image: string | undefined;
  /** `CLAUDE_BOTTLE_BASE_IMAGE` or the default */
  readonly baseImage: string;
  /** Reads the manifest's own Dockerfile */
  readonly readFile: (path: string) => Promise<string>;
}

export interface BuildOptions {
  readonly force: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Looks which image the bottle would run, and whether it has to be built first. Creates nothing. */
export async function observeImage(
  engine: Engine,
  request: ImageRequest,
  settings: ImageSettings,
): Promise<ImagePlan> {
  const common = { baseImage: settings.baseImage, claudeVersion, dockerfile: request.dockerfile };
  if (settings.image !== undefined) return { ...common, reference: settings.image, state: "given" };
  const recipes = await readRecipes(request, settings);
  const reference = recipes.at(-1)?.reference ?? repository;
  const isCurrent = await areCurrent(engine, recipes);
  return { ...common, reference, state: isCurrent ? "exists" : "build" };
}

/** Makes the image unless it is there and its inputs are unchanged. Returns the reference to run. */
export async function ensureImage(
  engine: Engine,
  request: ImageRequest,
  settings: ImageSettings,
  options: BuildOptions,
): Promise<string> {
  if (settings.image !== undefined) {
    await ensurePresent(engine, settings.image, options.progress, options.signal);
    return settings.image;
  }
  const recipes = await readRecipes(request, settings);
  if (options.force || !(await areCurrent(engine, recipes))) {
    await ensurePresent(engine, settings.baseImage, options.progress, options.signal);
    for (const recipe of recipes) await buildRecipe(engine, recipe, options);
  }
  return recipes.at(-1)?.reference ?? repository;
}

/** Makes sure an image made by others is there, fetching it if need be. */
export async function ensurePresent(
  engine: Engine,
  reference: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  if (await findImage(engine, reference)) return;
  progress.step(`Fetching ${reference}`);
  await pullImage(engine, reference, (line) => progress.detail(line), signal);
}

/** One image to build. The default image is one recipe; a manifest's own Dockerfile is a second one on top of it. */
interface Recipe {
  readonly reference: string;
  readonly dockerfile: string;
  /** What `FROM ${BASE_IMAGE}` means */
  readonly base: string;
  readonly inputs: string;
}

async function readRecipes(request: ImageRequest, settings: ImageSettings): Promise<Recipe[]> {
  const agent = makeRecipe(agentDockerfile, settings.baseImage);
  if (request.dockerfile === undefined) return [agent];
  const text = await settings.readFile(request.dockerfile);
  if (!/^\s*FROM\s+\$\{?BASE_IMAGE\}?(\s|$)/im.test(text)) throw notOnTop(request.dockerfile);
  return [agent, makeRecipe(text, agent.reference)];
}

function makeRecipe(dockerfile: string, base: string): Recipe {
  const inputs = createHash("sha256")
    .update(JSON.stringify([dockerfile, base, claudeVersion]))
    .digest("hex");
  return { reference: `${repository}:${inputs.slice(0, tagLength)}`, dockerfile, base, inputs };
}

/** An image is current if it was made from the same text and, while the base is still there, from that very base. */
async function areCurrent(engine: Engine, recipes: readonly Recipe[]): Promise<boolean> {
  for (const recipe of recipes) {
    const [image, base] = await Promise.all([
      findImage(engine, recipe.reference),
      findImage(engine, recipe.base),
    ]);
    if (!image || image.labels[inputsLabel] !== recipe.inputs) return false;
    if (base && image.labels[baseLabel] !== base.id) return false;
  }
  return true;
}

async function buildRecipe(engine: Engine, recipe: Recipe, options: BuildOptions): Promise<void> {
  options.progress.step(`Building ${recipe.reference} on ${recipe.base} (once, until its inputs change)`);
  const base = await findImage(engine, recipe.base);
  await buildImage(
    engine,
    {
      tag: recipe.reference,
      labels: { [inputsLabel]: recipe.inputs, [baseLabel]: base?.id ?? "" },
      buildArgs: { BASE_IMAGE: recipe.base, CLAUDE_VERSION: claudeVersion },
      context: await makeTar([{ path: "Dockerfile", mode: 0o644, content: recipe.dockerfile }]),
      noCache: options.force,
      signal: options.signal,
    },
    (line) => options.progress.detail(line),
  );
}

function notOnTop(path: string): BottleError {
  return new BottleError({
    code: "image",
    message: `Cannot build ${quote(path)}: it does not start from the bottle's own image`,
    hint: 'Write "ARG BASE_IMAGE" and "FROM ${BASE_IMAGE}" as its first two instructions.',
  });
}
