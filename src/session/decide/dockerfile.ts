/** The image of a bottle as the manifest wants it; its own Dockerfile is beside the manifest that names it. */
import { dirname, resolve } from "node:path";
import type { ImageRequest } from "../../bottle/bottle.ts";
import type { ManifestFile } from "../../core/manifest-file.ts";
import { expandPath } from "../../host/world.ts";
import type { World } from "../../host/world.ts";
import type { BottleEntry } from "../../manifest/manifest.ts";

/** What a bottle runs, as the platform is asked for it. Paths of the manifest are relative to its folder. */
export function makeImageRequest(
  bottle: BottleEntry,
  files: readonly ManifestFile[],
  world: Pick<World, "home" | "cwd">,
  claudeVersion?: string,
): ImageRequest {
  const { imageName: name, packages, dockerfile, buildContext } = bottle;
  const { scope, file: shown } = bottle.imageSource ?? bottle.source;
  const manifest =
    files.find((file) => file.shownPath === shown) ?? files.find((file) => file.scope === scope);
  const base = manifest ? dirname(manifest.path) : world.cwd;
  const place = (path: string | undefined) =>
    path === undefined ? undefined : resolve(expandPath(path, world.home, base));
  return {
    dockerfile: place(dockerfile),
    context: place(buildContext),
    name,
    packages,
    claudeVersion,
    ...(bottle.services && { services: bottle.services.map(({ image }) => image) }),
  };
}
