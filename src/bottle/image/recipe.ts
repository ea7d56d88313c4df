/** One image to build, and how it is named after all that it is made from. */
import { createHash } from "node:crypto";
import type { BuildContext } from "../../core/build-context.ts";

const repository = "claude-bottle";
/** Hexadecimal digits, 128 bits: an approval names the image by its tag, so nobody may be able to make another of the same */
const tagLength = 32;

/** One image to build. */
export interface Recipe {
  readonly reference: string;
  readonly dockerfile: string;
  /** What `FROM ${BASE_IMAGE}` means; undefined for a Dockerfile that starts from whatever it names itself */
  readonly base: string | undefined;
  /** What `FROM ${AGENT_IMAGE}` means, for an image that takes Claude Code from there */
  readonly agent?: string | undefined;
  readonly inputs: string;
  readonly claudeVersion: string;
  /** Beside the Dockerfile */
  readonly files: readonly { readonly path: string; readonly content: string }[];
  /** What a Dockerfile of the user's copies from, in place of `files` */
  readonly context?: BuildContext | undefined;
  /** All that the build is given, in place of what our own Dockerfiles ask for */
  readonly buildArgs?: Readonly<Record<string, string>> | undefined;
  /** The stage that is the image; the last one by default */
  readonly target?: string | undefined;
  /** The devcontainer's feature that it installs */
  readonly feature?: string | undefined;
  /** True for the text of a Dockerfile of the user's */
  readonly isOwn: boolean;
  /** True for what a manifest adds: code of its author's choice, run by root */
  readonly isAddition: boolean;
}

export type RecipeParts = Omit<Recipe, "inputs" | "reference">;

/** Of the same parts comes the same name. */
export function nameRecipe(recipe: RecipeParts): Recipe {
  const { dockerfile, base, claudeVersion, files, context, agent, buildArgs, target } = recipe;
  const parts: unknown[] = [dockerfile, base ?? null, claudeVersion];
  if (files.length > 0) parts.push(files);
  if (context) parts.push({ context: [context.digest, context.dockerfile, context.hidesDockerfile] });
  if (agent !== undefined) parts.push({ agent });
  if (buildArgs) parts.push({ buildArgs: Object.entries(buildArgs).toSorted(), target: target ?? null });
  const inputs = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  return { ...recipe, inputs, reference: `${repository}:${inputs.slice(0, tagLength)}` };
}
