/** Building one image of a bottle, with what it is made from on its labels. */
import { makeTar } from "../../archive/small-tar.ts";
import { renderBytes } from "../../core/text.ts";
import { buildNetwork } from "../../plan/build-network.ts";
import type { Progress } from "../bottle.ts";
import type { BuildArchive, Builder, Images } from "../platform/images.ts";
import { packContext } from "./context-archive.ts";
import type { Recipe } from "./recipe.ts";

/** Labels on the image itself; what they say decides whether it is still the right one */
export const baseLabel = "claude-bottle.image.base";
export const agentLabel = "claude-bottle.image.agent";
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

/** The base must be there, if it has one. */
export async function buildRecipe(images: Images, recipe: Recipe, options: RecipeBuild): Promise<void> {
  options.progress.step(
    `Building ${recipe.reference} on ${recipe.base ?? "what its Dockerfile names"} (once, until its inputs change)`,
  );
  for (let left = repeats; ; left -= 1) {
    try {
      return await buildOnce(images, recipe, options);
    } catch (error) {
      if (left === 0 || !images.mayBuildAgain(error)) throw error;
      options.progress.detail("a step that was kept has been removed meanwhile; the build begins again");
    }
  }
}

async function buildOnce(images: Images, recipe: Recipe, options: RecipeBuild): Promise<void> {
  const { base, agent, buildArgs } = recipe;
  const [baseId, agentId] = await Promise.all([findId(images, base), findId(images, agent)]);
  await images.build(
    {
      tag: recipe.reference,
      labels: {
        [inputsLabel]: recipe.inputs,
        [baseLabel]: baseId,
        ...(agent === undefined ? {} : { [agentLabel]: agentId }),
      },
      buildArgs: buildArgs ?? {
        BASE_IMAGE: base ?? "",
        CLAUDE_VERSION: recipe.claudeVersion,
        ...(agent === undefined ? {} : { AGENT_IMAGE: agent }),
      },
      target: recipe.target,
      pack: (builder) => packRecipe(builder, recipe, options.progress),
      network: buildNetwork,
      noCache: options.force,
      signal: options.signal,
    },
    (line) => options.progress.detail(line),
  );
}

async function findId(images: Images, reference: string | undefined): Promise<string> {
  return (reference === undefined ? undefined : await images.find(reference))?.id ?? "";
}

async function packRecipe(builder: Builder, recipe: Recipe, progress: Progress): Promise<BuildArchive> {
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
  return packContext(text, context, { builder, onSent });
}
