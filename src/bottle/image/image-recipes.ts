/** What has to be built for a bottle, one image on top of the other, each found again by what it is made from. */
import type { ImagePlan } from "../../plan/plan.ts";
import type { ImageRequest } from "../bottle.ts";
import agentDockerfile from "./agent.Dockerfile" with { type: "text" };
import { readDevcontainerRecipes } from "./devcontainer-recipes.ts";
import { parseDockerfile } from "./dockerfile/instructions.ts";
import { requireNoLocalFiles } from "./dockerfile/local-files.ts";
import { requireOneReading } from "./dockerfile/one-reading.ts";
import { requireOwnBase } from "./dockerfile/own-base.ts";
import { nameRecipe } from "./recipe.ts";
import type { Recipe } from "./recipe.ts";
import type { RecipeSettings } from "./recipe-settings.ts";

/**
 * Last in every image that we make. What is in the home folder is the group's as much as the owner's, since an agent has a user of its
 * own and the image's group; and no program gives rights to whoever starts it, beside `no-new-privileges`.
 */
const setRights = `USER root
RUN find /home/node -xdev -user 1000 ! -type l \\( -perm -u=r ! -perm -g=r -o -perm -u=w ! -perm -g=w \\) -exec chmod g=u {} + \\
 && find / -xdev -type f \\( -perm -u=s -o -perm -g=s \\) -exec chmod a-s {} +
`;
const finish = `${setRights}USER node
`;
/**
 * From the bottom to the top: certificates, since all that follows is fetched through them; Claude Code and its tools, unless the
 * manifest names an image that has them; packages; the manifest's own Dockerfile, and the rights of what it has put there. Empty if an
 * image is used as it is.
 */
export async function readRecipes(request: ImageRequest, settings: RecipeSettings): Promise<Recipe[]> {
  const recipes: Recipe[] = [];
  const { certificates } = settings;
  const { claudeVersion = settings.claudeVersion, devcontainer } = request;
  const add: AddRecipe = (dockerfile, isAddition, parts = {}) => {
    const base = recipes.at(-1)?.reference ?? request.name ?? settings.baseImage;
    recipes.push(
      nameRecipe({ dockerfile, base, claudeVersion, files: [], isOwn: false, isAddition, ...parts }),
    );
  };
  if (certificates.length > 0) {
    const files = certificates.map((content, index) => ({ path: `extra-${index + 1}.crt`, content }));
    add(renderTrust(files.map((file) => file.path)), false, { files });
  }
  if (request.name === undefined) add(`${agentDockerfile}${finish}`, false);
  if (devcontainer) {
    const agent = recipes.at(-1)?.reference ?? settings.baseImage;
    const around = { settings, claudeVersion, agent, finish: `${setRights}USER 1000\n` };
    recipes.push(...(await readDevcontainerRecipes(devcontainer, around)));
  }
  if (request.packages) add(renderPackages(request.packages, devcontainer ? "1000" : "node"), true);
  if (request.dockerfile !== undefined) await addOwn(request.dockerfile, request, settings, add);
  return recipes;
}

type AddRecipe = (
  dockerfile: string,
  isAddition: boolean,
  parts?: Partial<Pick<Recipe, "files" | "context" | "isOwn">>,
) => void;

async function addOwn(
  path: string,
  { context: folder }: ImageRequest,
  settings: RecipeSettings,
  add: AddRecipe,
): Promise<void> {
  const text = await settings.readFile(path);
  const dockerfile = parseDockerfile(text);
  requireOneReading(path, dockerfile);
  requireOwnBase(path, dockerfile);
  if (folder === undefined) requireNoLocalFiles(path, dockerfile);
  const context = folder === undefined ? undefined : await settings.readContext({ folder, dockerfile: path });
  add(text, true, { context, isOwn: true });
  add(`ARG BASE_IMAGE\nFROM \${BASE_IMAGE}\n${finish}`, true);
}

/**
 * The image of a sidecar beside a bottle made from these, which are not empty: without what the manifest adds, since the sidecar holds
 * what the bottle must not have. An image of others that a manifest names is all there is to run one from.
 */
export function findSidecarImage(recipes: readonly Recipe[]): string | undefined {
  return recipes.findLast((one) => !one.isAddition)?.reference ?? recipes[0]?.base;
}

/** The base may have no certificates at all; its package lists come without TLS. npm and claude do not ask the system's store. */
function renderTrust(files: readonly string[]): string {
  return `ARG BASE_IMAGE
FROM \${BASE_IMAGE}
USER root
COPY ${files.join(" ")} /usr/local/share/ca-certificates/
RUN if ! command -v update-ca-certificates >/dev/null; then \\
      apt-get update && apt-get install -y --no-install-recommends ca-certificates && apt-get clean && rm -rf /var/lib/apt/lists/*; \\
    fi && update-ca-certificates
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
`;
}

/** The schema has let no name through that a shell would read as more than a word. */
function renderPackages({ apt, npm }: NonNullable<ImagePlan["packages"]>, user: string): string {
  const words = (names: readonly string[]) => names.map((name) => `'${name}'`).join(" ");
  const lines = ["ARG BASE_IMAGE", "FROM ${BASE_IMAGE}", "USER root"];
  if (apt.length > 0) {
    lines.push(
      `RUN apt-get update && apt-get install -y --no-install-recommends -- ${words(apt)} && apt-get clean && rm -rf /var/lib/apt/lists/*`,
    );
  }
  if (npm.length > 0) lines.push(`RUN npm install -g -- ${words(npm)} && npm cache clean --force`);
  return `${lines.join("\n")}\n${setRights}USER ${user}\n`;
}
