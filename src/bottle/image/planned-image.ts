/** From the image of a plan to the image that is run: the one that was approved, or none. */
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import { findForeignImage } from "../../plan/describe-devcontainer.ts";
import type { ImagePlan } from "../../plan/plan.ts";
import type { Bottles } from "../bottles.ts";
import type { Progress } from "../bottle.ts";
import type { Images } from "../platform/images.ts";
import type { Platform } from "../platform/platform.ts";
import { ensureImage, ensurePresent } from "./image.ts";
import type { ImageSettings } from "./image.ts";

type Build = Parameters<Bottles["buildImage"]>[1];

/** The part of the contract that makes images and no bottles. */
export function makeBuilding(
  { requireUsable, images }: Pick<Platform, "requireUsable" | "images">,
  settings: ImageSettings,
): Pick<Bottles, "buildImage" | "fetchImage"> {
  return {
    async buildImage(image, build) {
      await requireUsable();
      return buildPlanned(images, image, settings, build);
    },
    async fetchImage(name, { progress, signal }) {
      await requireUsable();
      return fetchImage(images, name, progress, signal);
    },
  };
}

/** Makes or fetches it unless it is there. Returns its name. Throws if it would be another than was planned. */
async function buildPlanned(
  images: Images,
  image: ImagePlan,
  settings: ImageSettings,
  build: Build,
): Promise<string> {
  const { dockerfile, context, name, packages, devcontainer, resolved, reference, claudeVersion } = image;
  if (resolved !== undefined && (build.force || image.state !== "exists"))
    await requireResolved(images, image);
  const own = devcontainer ? { dockerfile: undefined } : { dockerfile, context: context?.directory };
  const request = { ...own, name, packages, devcontainer, claudeVersion };
  const pulls = build.pulls === true && resolved === undefined;
  return ensureImage(images, request, settings, { ...build, pulls, expected: reference });
}

/** What agent and sidecar run. */
export async function prepareImages(
  images: Images,
  image: ImagePlan,
  settings: ImageSettings,
  build: Pick<Build, "progress" | "signal">,
): Promise<{ readonly image: string; readonly sidecarImage: string }> {
  const { state, reference, sidecarReference } = image;
  const made =
    state === "exists" ? reference : await buildPlanned(images, image, settings, { ...build, force: false });
  return { image: byId(image, made), sidecarImage: byId(image, sidecarReference ?? made) };
}

/** What the agent of a plan runs; undefined for one that has to be built first. */
export function findRunnable(image: ImagePlan): string | undefined {
  return image.state === "build" ? undefined : byId(image, image.reference);
}

/** An image of others goes by its id, so that its name may come to mean something else. What is built on it keeps its name. */
function byId({ resolved, name }: ImagePlan, reference: string): string {
  return resolved !== undefined && reference === name ? resolved : reference;
}

/** Asks whoever has it for what the name means now. Gives its id. */
async function fetchImage(
  images: Images,
  name: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  await ensurePresent(images, name, progress, signal, true);
  const found = await images.find(name);
  if (found) return found.id;
  throw new BottleError({
    code: "image",
    message: `Cannot use image ${quote(name)}: it was fetched, and is not there`,
    hint: `See what "${images.inspectCommand()}" says about it, and try again.`,
  });
}

/** Before anything is built on it; whoever moves a name between this and the build has the engine anyway. */
async function requireResolved(images: Images, image: ImagePlan): Promise<void> {
  const { resolved = "" } = image;
  const name = findForeignImage(image) ?? "";
  const found = await images.find(name);
  if (found?.id === resolved) return;
  throw new BottleError({
    code: "image",
    message: `Cannot use image ${quote(name)}: ${found ? "the name means another image now than" : "it is no longer there as it was"} when it was approved`,
    hint: found
      ? "Start again and look at what changed."
      : `Fetch it with "${images.pullCommand(name)}", and start again.`,
  });
}
