/** Images that were built for bottles, by this version or an earlier one, and that nothing here needs any more. */
import type { Engine } from "../../engine/engine.ts";
import { findImage, listImages } from "../../engine/images.ts";
import { listVolumes } from "../../engine/volumes.ts";
import type { ImageRequest, Leftover } from "../bottle.ts";
import { inputsLabel } from "./build-recipe.ts";
import { listReferences } from "./image.ts";
import type { ImageSettings } from "./image.ts";
import { labelKeys } from "./labels.ts";

/** The default image is always needed, and so is the one that can read a volume with work. */
export async function findOldImages(
  engine: Engine,
  needed: readonly ImageRequest[],
  settings: ImageSettings,
): Promise<Leftover[]> {
  const [images, volumes, ...chains] = await Promise.all([
    listImages(engine, inputsLabel),
    listVolumes(engine, [labelKeys.session]),
    ...[{ dockerfile: undefined }, ...needed].map((request) => listReferences(request, settings)),
  ]);
  const kept = new Set(chains.flat());
  for (const { labels } of volumes) {
    const image = labels[labelKeys.image];
    if (image === undefined) continue;
    kept.add(image);
    kept.add((await findImage(engine, image))?.id ?? image);
  }
  if (settings.image !== undefined) kept.add(settings.image);
  return images
    .filter(({ id, names }) => ![id, ...names].some((one) => kept.has(one)))
    .flatMap(({ id, names }) => (names.length === 0 ? [id] : names))
    .map((name) => ({ kind: "image", id: name, name, session: "", holdsWork: false }));
}
