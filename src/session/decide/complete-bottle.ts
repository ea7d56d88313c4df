/** A bottle with what the files that its manifest names add to it: a compose file's services, a devcontainer.json's image. */
import type { ImageRequest } from "../../bottle/bottle.ts";
import type { ManifestFile } from "../../core/manifest-file.ts";
import type { World } from "../../host/world.ts";
import type { AgentEntry, BottleEntry } from "../../manifest/manifest.ts";
import { composeServices } from "./compose-services.ts";
import type { ComposedBottle } from "./compose-services.ts";
import { readBottleImage } from "./dockerfile.ts";

export interface CompleteBottle extends ComposedBottle {
  readonly image: ImageRequest;
}

/** Throws for a file that is not there, and for what a bottle cannot take of one. */
export async function completeBottle(
  world: Pick<World, "home" | "cwd">,
  wanted: {
    readonly agent: AgentEntry;
    readonly bottle: BottleEntry;
    readonly files: readonly ManifestFile[];
  },
): Promise<CompleteBottle> {
  const composed = await composeServices(wanted.bottle, wanted.files, world);
  const { claudeVersion } = wanted.agent;
  const { bottle, request: image } = await readBottleImage(
    composed.bottle,
    wanted.files,
    world,
    claudeVersion,
  );
  return { bottle, image, compose: composed.compose };
}
