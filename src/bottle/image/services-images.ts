/** The images of services: what their names mean, and that each is there as it was approved. */
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import type { ServicePlan } from "../../plan/plan.ts";
import type { Progress } from "../bottle.ts";
import type { Images } from "../platform/images.ts";
import type { ServiceImage } from "../platform/services.ts";
import { ensurePresent } from "./image.ts";

/** Ids by name, and `absent` for what is not there; a name with a digest says itself what it is. */
export async function observeServices(
  images: Pick<Images, "find">,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const open = [...new Set(names)].filter((name) => !name.includes("@"));
  return new Map(
    await Promise.all(open.map(async (name) => [name, (await images.find(name))?.id ?? "absent"] as const)),
  );
}

/** Has the images there, each the one that was approved. By the service's name. */
export async function prepareServices(
  images: Images,
  services: readonly ServicePlan[],
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, ServiceImage>> {
  const found = new Map<string, ServiceImage>();
  for (const { name, image, resolved } of services) {
    // A name with a digest is fetched as late as here: it can only be the one that was approved
    if (resolved === undefined) await ensurePresent(images, image, progress, signal);
    const described = await images.describe(resolved ?? image);
    if (!described) throw isGone(name, image, images.pullCommand(image));
    found.set(name, described);
  }
  return found;
}

function isGone(name: string, image: string, command: string): BottleError {
  return new BottleError({
    code: "image",
    message: `Cannot start service ${quote(name)}: ${quote(image)} is no longer there as it was when it was approved`,
    hint: `Fetch it with "${command}", and start again.`,
  });
}
