/** Where a bottle's own Dockerfile is: beside the manifest that names it. */
import { dirname } from "node:path";
import type { ManifestFile } from "../core/manifest-file.ts";
import { expandPath } from "../host/world.ts";
import type { World } from "../host/world.ts";
import type { BottleEntry } from "../manifest/manifest.ts";

/** Absolute; undefined if the bottle runs the default image. */
export function findDockerfile(
  bottle: BottleEntry,
  files: readonly ManifestFile[],
  world: Pick<World, "home" | "cwd">,
): string | undefined {
  if (bottle.dockerfile === undefined) return undefined;
  const manifest = files.find((file) => file.scope === bottle.source.scope);
  return expandPath(bottle.dockerfile, world.home, manifest ? dirname(manifest.path) : world.cwd);
}
