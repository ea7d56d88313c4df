/** The image of a bottle as the manifest wants it; its own Dockerfile is beside the manifest that names it. */
import { dirname } from "node:path";
import type { ImageRequest } from "../bottle/bottle.ts";
import type { ManifestFile } from "../core/manifest-file.ts";
import { expandPath } from "../host/world.ts";
import type { World } from "../host/world.ts";
import type { BottleEntry } from "../manifest/manifest.ts";

/** What a bottle runs, as the platform is asked for it. */
export function makeImageRequest(
  bottle: BottleEntry,
  files: readonly ManifestFile[],
  world: Pick<World, "home" | "cwd">,
): ImageRequest {
  const { imageName: name, packages } = bottle;
  return { dockerfile: findDockerfile(bottle, files, world), name, packages };
}

/** Absolute; undefined if the bottle runs the default image. */
function findDockerfile(
  bottle: BottleEntry,
  files: readonly ManifestFile[],
  world: Pick<World, "home" | "cwd">,
): string | undefined {
  if (bottle.dockerfile === undefined) return undefined;
  const manifest = files.find((file) => file.scope === bottle.source.scope);
  return expandPath(bottle.dockerfile, world.home, manifest ? dirname(manifest.path) : world.cwd);
}
