/** Everything that a launch needs to be there: images, filter, ground. */
import type { LaunchOptions } from "../bottle.ts";
import type { ImageSettings } from "../image/image.ts";
import { prepareServices } from "../image/services-images.ts";
import { prepareImages } from "../image/planned-image.ts";
import type { GroundMaker } from "../platform/ground.ts";
import type { Platform } from "../platform/platform.ts";
import { prepareFilter } from "./prepare-filter.ts";

export interface PreparedLaunch {
  readonly maker: GroundMaker;
  readonly filterVersion: string;
}

/** Everything that a launch needs to be there. */
export async function prepareLaunch(
  platform: Platform,
  request: LaunchOptions,
  settings: ImageSettings,
): Promise<PreparedLaunch> {
  const { plan, progress, signal } = request;
  await platform.requireUsable();
  const images = await prepareImages(platform.images, plan.image, settings, { progress, signal });
  const serviceImages = await prepareServices(platform.images, plan.services ?? [], { progress, signal });
  const filterVersion = await prepareFilter(platform, request);
  const maker = await platform.prepareGround({ plan, progress, serviceImages, ...images });
  return { maker, filterVersion };
}
