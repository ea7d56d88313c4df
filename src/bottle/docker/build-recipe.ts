/** Building one image of a bottle, with what it is made from on its labels. */
import { makeTar } from "../../archive/small-tar.ts";
import { renderBytes } from "../../core/text.ts";
import { buildImage, isStepRemoved } from "../../engine/build-image.ts";
import type { Engine } from "../../engine/engine.ts";
import { findImage } from "../../engine/images.ts";
import { buildNetwork } from "../../plan/build-network.ts";
import type { Progress } from "../bottle.ts";
import { packContext } from "../image/context-archive.ts";
import type { Recipe } from "../image/image-recipes.ts";

/** Labels on the image itself; what they say decides whether it is still the right one */
export const baseLabel = "claude-bottle.image.base";
export const inputsLabel = "claude-bottle.image.inputs";

/** Bytes of a build context between two words about them */
const sentStep = 1024 * 1024;

/** How often a build begins again when what it was built on is removed under it */
const repeats = 2;

export interface RecipeBuild {
  /** Builds every step again, without the cache */
  readonly force: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The base must be there. */
export async function buildRecipe(engine: Engine, recipe: Recipe, options: RecipeBuild): Promise<void> {
  options.progress.step(`Building ${recipe.reference} on ${recipe.base} (once, until its inputs change)`);
  for (let left = repeats; ; left -= 1) {
    try {
      return await buildOnce(engine, recipe, options);
    } catch (error) {
      if (left === 0 || !isStepRemoved(error)) throw error;
      options.progress.detail("a step that was kept has been removed meanwhile; the build begins again");
    }
  }
}

async function buildOnce(engine: Engine, recipe: Recipe, options: RecipeBuild): Promise<void> {
  const base = await findImage(engine, recipe.base);
  const { tar, dockerfile } = await packRecipe(engine, recipe, options.progress);
  await buildImage(
    engine,
    {
      tag: recipe.reference,
      labels: { [inputsLabel]: recipe.inputs, [baseLabel]: base?.id ?? "" },
      buildArgs: { BASE_IMAGE: recipe.base, CLAUDE_VERSION: recipe.claudeVersion },
      context: tar,
      dockerfile,
      network: buildNetwork,
      noCache: options.force,
      signal: options.signal,
    },
    (line) => options.progress.detail(line),
  );
}

async function packRecipe(engine: Engine, recipe: Recipe, progress: Progress) {
  const { dockerfile: text, context, files } = recipe;
  if (!context) {
    const dockerfile = "Dockerfile";
    const entries = [{ path: dockerfile, content: text }, ...files];
    return { dockerfile, tar: await makeTar(entries.map((entry) => ({ ...entry, mode: 0o644 }))) };
  }
  let told = 0;
  const onSent = (bytes: number) => {
    if (bytes - told < Math.max(sentStep, context.bytes / 100)) return;
    told = bytes;
    progress.detail(`sending the build context: ${renderBytes(bytes)} of ${renderBytes(context.bytes)}`);
  };
  return packContext(text, context, { builder: engine.builderVersion, onSent });
}
