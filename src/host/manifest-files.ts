/** Finding the manifest: the project's, which is the nearest one at or above the working directory, and the home one. */
import { lstat, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BottleError } from "../core/error.ts";
import type { ManifestFile } from "../core/manifest-file.ts";
import { quote } from "../core/text.ts";
import { findText, writeThrough } from "./files.ts";
import { shortenPath } from "./world.ts";
import type { World } from "./world.ts";

export const manifestName = "claude-bottle.json";

/**
 * Home file first, then the project's. The search upwards ends at the repository's root, so that a file somebody left in a shared
 * parent folder is not taken for the project's.
 */
export async function readManifestFiles(world: Pick<World, "cwd" | "home">): Promise<ManifestFile[]> {
  const homePath = homeManifestPath(world);
  const files: ManifestFile[] = [];
  const homeText = await findText(homePath);
  if (homeText !== undefined)
    files.push({ path: homePath, shownPath: `~/${manifestName}`, scope: "home", text: homeText });
  for (const folder of await projectFolders(world)) {
    const path = join(folder, manifestName);
    if (path === homePath || (await isSame(path, homePath))) break;
    const text = await findText(path);
    if (text === undefined) continue;
    files.push({ path, shownPath: shortenPath(path, world), scope: "project", text });
    break;
  }
  return files;
}

/** Where it is or would be. */
export function homeManifestPath(world: Pick<World, "home">): string {
  return join(world.home, manifestName);
}

/** Where a project's manifest is or would be: the repository's root, or the working directory outside of one. */
export async function projectManifestPath(world: Pick<World, "cwd" | "home">): Promise<string> {
  const found = (await readManifestFiles(world)).find((file) => file.scope === "project");
  if (found) return found.path;
  const folders = await projectFolders(world);
  return join(folders.at(-1) ?? world.cwd, manifestName);
}

/**
 * Writes a manifest whose new text was made from `before`, undefined for none. Questions and editors take their time: what somebody else
 * has written meanwhile is not overwritten.
 */
export async function replaceManifest(path: string, before: string | undefined, text: string): Promise<void> {
  if ((await findText(path)) !== before)
    throw new BottleError({
      code: "file",
      message: `Cannot save ${quote(path)}: it was changed meanwhile`,
      hint: "Read it, and try again.",
    });
  await writeThrough(path, text);
}

/** The working directory and what is above it, up to the repository's root; only the working directory outside of one. */
async function projectFolders(world: Pick<World, "cwd" | "home">): Promise<string[]> {
  const folders: string[] = [];
  for (let folder = world.cwd; folder !== world.home; folder = dirname(folder)) {
    folders.push(folder);
    if (await exists(join(folder, ".git"))) return folders;
    if (folder === dirname(folder)) break;
  }
  return [world.cwd];
}

/** The home folder may be reached by another name, and its file is no project's. */
async function isSame(path: string, homePath: string): Promise<boolean> {
  const [one, other] = await Promise.all(
    [path, homePath].map((each) => realpath(dirname(each)).catch(() => each)),
  );
  return one === other;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
