/** What has to be built for a bottle, one image on top of the other, each found again by what it is made from. */
import { createHash } from "node:crypto";
import type { BuildContext } from "../../core/build-context.ts";
import type { ImagePlan } from "../../plan/plan.ts";
import type { ImageRequest } from "../bottle.ts";
import agentDockerfile from "./agent.Dockerfile" with { type: "text" };
import { parseDockerfile } from "./dockerfile/instructions.ts";
import { requireNoLocalFiles } from "./dockerfile/local-files.ts";
import { requireOneReading } from "./dockerfile/one-reading.ts";
import { requireOwnBase } from "./dockerfile/own-base.ts";

const repository = "claude-bottle";

/**
 * Last in every image that we make. What is in the home folder is the group's as much as the owner's, since an agent has a user of its
 * own and the image's group; and no program gives rights to whoever starts it, beside `no-new-privileges`.
 */
const finish = `USER root
RUN find /home/node -xdev -user 1000 ! -type l \\( -perm -u=r ! -perm -g=r -o -perm -u=w ! -perm -g=w \\) -exec chmod g=u {} + \\
 && find / -xdev -type f \\( -perm -u=s -o -perm -g=s \\) -exec chmod a-s {} +
USER node
`;
/** Hexadecimal digits, 128 bits: an approval names the image by its tag, so nobody may be able to make another of the same */
const tagLength = 32;

/** One image to build. */
export interface Recipe {
  readonly reference: string;
  readonly dockerfile: string;
  /** What `FROM ${BASE_IMAGE}` means */
  readonly base: string;
  readonly inputs: string;
  readonly claudeVersion: string;
  /** Beside the Dockerfile */
  readonly files: readonly { readonly path: string; readonly content: string }[];
  /** What a manifest's Dockerfile copies from, in place of `files` */
  readonly context?: BuildContext | undefined;
  /** True for what a manifest adds: code of its author's choice, run by root */
  readonly isAddition: boolean;
}

export interface RecipeSettings {
  /** `CLAUDE_BOTTLE_BASE_IMAGE` or the default */
  readonly baseImage: string;
  readonly claudeVersion: string;
  /** PEM texts, one certificate each */
  readonly certificates: readonly string[];
  /** Reads the manifest's own Dockerfile */
  readonly readFile: (path: string) => Promise<string>;
  /** Reads the folder that it copies from; both paths are absolute */
  readonly readContext: (request: {
    readonly folder: string;
    readonly dockerfile: string;
  }) => Promise<BuildContext>;
}

/**
 * From the bottom to the top: certificates, since all that follows is fetched through them; Claude Code and its tools, unless the
 * manifest names an image that has them; packages; the manifest's own Dockerfile, and the rights of what it has put there. Empty if an
 * image is used as it is.
 */
export async function readRecipes(request: ImageRequest, settings: RecipeSettings): Promise<Recipe[]> {
  const recipes: Recipe[] = [];
  const add = (
    dockerfile: string,
    isAddition: boolean,
    { files = [], context }: Partial<Pick<Recipe, "files" | "context">> = {},
  ) => {
    const base = recipes.at(-1)?.reference ?? request.name ?? settings.baseImage;
    const { claudeVersion = settings.claudeVersion } = request;
    recipes.push(nameRecipe({ dockerfile, base, claudeVersion, files, context, isAddition }));
  };
  const { certificates } = settings;
  if (certificates.length > 0) {
    const files = certificates.map((content, index) => ({ path: `extra-${index + 1}.crt`, content }));
    add(renderTrust(files.map((file) => file.path)), false, { files });
  }
  if (request.name === undefined) add(`${agentDockerfile}${finish}`, false);
  if (request.packages) add(renderPackages(request.packages), true);
  if (request.dockerfile !== undefined) {
    const text = await settings.readFile(request.dockerfile);
    const dockerfile = parseDockerfile(text);
    requireOneReading(request.dockerfile, dockerfile);
    requireOwnBase(request.dockerfile, dockerfile);
    if (request.context === undefined) requireNoLocalFiles(request.dockerfile, dockerfile);
    const context =
      request.context === undefined
        ? undefined
        : await settings.readContext({ folder: request.context, dockerfile: request.dockerfile });
    add(text, true, { context });
    add(`ARG BASE_IMAGE\nFROM \${BASE_IMAGE}\n${finish}`, true);
  }
  return recipes;
}

/**
 * The image of a sidecar beside a bottle made from these, which are not empty: without what the manifest adds, since the sidecar holds
 * what the bottle must not have. An image of others that a manifest names is all there is to run one from.
 */
export function findSidecarImage(recipes: readonly Recipe[]): string | undefined {
  return recipes.findLast((one) => !one.isAddition)?.reference ?? recipes[0]?.base;
}

function nameRecipe(recipe: Omit<Recipe, "inputs" | "reference">): Recipe {
  const { dockerfile, base, claudeVersion, files, context } = recipe;
  const parts: unknown[] = [dockerfile, base, claudeVersion];
  if (files.length > 0) parts.push(files);
  if (context) parts.push({ context: [context.digest, context.dockerfile, context.hidesDockerfile] });
  const inputs = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  return { ...recipe, inputs, reference: `${repository}:${inputs.slice(0, tagLength)}` };
}

/** The base may have no certificates at all; its package lists come without TLS. npm and claude do not ask the system's store. */
function renderTrust(files: readonly string[]): string {
  return `ARG BASE_IMAGE
FROM \${BASE_IMAGE}
USER root
COPY ${files.join(" ")} /usr/local/share/ca-certificates/
RUN if ! command -v update-ca-certificates >/dev/null; then \\
      apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*; \\
    fi && update-ca-certificates
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
`;
}

/** The schema has let no name through that a shell would read as more than a word. */
function renderPackages({ apt, npm }: NonNullable<ImagePlan["packages"]>): string {
  const words = (names: readonly string[]) => names.map((name) => `'${name}'`).join(" ");
  const lines = ["ARG BASE_IMAGE", "FROM ${BASE_IMAGE}", "USER root"];
  if (apt.length > 0) {
    lines.push(
      `RUN apt-get update && apt-get install -y --no-install-recommends -- ${words(apt)} && rm -rf /var/lib/apt/lists/*`,
    );
  }
  if (npm.length > 0) lines.push(`RUN npm install -g -- ${words(npm)} && npm cache clean --force`);
  return `${lines.join("\n")}\n${finish}`;
}
