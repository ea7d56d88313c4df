/** The image of a bottle as the manifest wants it; its own Dockerfile is beside the manifest that names it. */
import type { ImageRequest } from "../../bottle/bottle.ts";
import type { ManifestFile } from "../../core/manifest-file.ts";
import type { World } from "../../host/world.ts";
import type { BottleEntry } from "../../manifest/manifest.ts";
import { placeBeside } from "./beside-manifest.ts";
import { listPlaces, takeDevcontainer } from "./devcontainer.ts";

export interface BottleImage {
  readonly request: ImageRequest;
  /** With what its devcontainer.json adds */
  readonly bottle: BottleEntry;
}

/** What a bottle runs, as the platform is asked for it. Paths of the manifest are relative to its folder. */
export async function readBottleImage(
  bottle: BottleEntry,
  files: readonly ManifestFile[],
  world: Pick<World, "home" | "cwd">,
  claudeVersion?: string,
): Promise<BottleImage> {
  const { imageName: name, packages, dockerfile, buildContext } = bottle;
  const place = placeBeside(bottle.imageSource ?? bottle.source, files, world);
  const placeGiven = (path: string | undefined) => (path === undefined ? undefined : place(path));
  const { services } = bottle;
  const common = {
    packages,
    claudeVersion,
    ...(services && { services: services.map(({ image }) => image) }),
  };
  if (bottle.devcontainer !== undefined) {
    const taken = await takeDevcontainer(world, bottle, listPlaces(bottle.devcontainer, place));
    return {
      request: { dockerfile: undefined, devcontainer: taken.plan, ...common },
      bottle: taken.bottle,
    };
  }
  const request = { dockerfile: placeGiven(dockerfile), context: placeGiven(buildContext), name, ...common };
  return { request, bottle };
}
