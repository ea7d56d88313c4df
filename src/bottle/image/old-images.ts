/** Images that were built for bottles, by this version or an earlier one, and that nothing here needs any more. */
import type { ImageRequest, Leftover } from "../bottle.ts";
import type { Platform } from "../platform/platform.ts";
import { inputsLabel } from "./build-recipe.ts";
import { listReferences } from "./image.ts";
import type { ImageSettings } from "./image.ts";

/** The default image is always needed, and so is the one that can read a volume with work. */
export async function findOldImages(
  { images, work }: Pick<Platform, "images" | "work">,
  needed: readonly ImageRequest[],
  settings: ImageSettings,
): Promise<Leftover[]> {
  const [built, ofWork, ...chains] = await Promise.all([
    images.list(inputsLabel),
    work.listImages(),
    ...[{ dockerfile: undefined }, ...needed].map((request) => listReferences(request, settings)),
  ]);
  const kept = new Set([...chains.flat(), ...ofWork]);
  if (settings.image !== undefined) kept.add(settings.image);
  return built
    .filter(({ id, names }) => ![id, ...names].some((one) => kept.has(one)))
    .flatMap(({ id, names }) => (names.length === 0 ? [id] : names))
    .map((name) => ({ kind: "image", id: name, name, session: "", holdsWork: false }));
}
