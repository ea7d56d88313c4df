/** From a plan to a running bottle, or to a verified one: images and filter first, then the ground, then the launch. */
import { programCommand } from "../../sidecar/programs.ts";
import type { LaunchOptions } from "../bottle.ts";
import type { Bottles } from "../bottles.ts";
import type { ImageSettings } from "../image/image.ts";
import { prepareImages } from "../image/planned-image.ts";
import { launchBottle } from "../launch/launch-bottle.ts";
import type { GroundMaker } from "../platform/ground.ts";
import type { Platform } from "../platform/platform.ts";
import { verifyBottle } from "../verify/verify-bottle.ts";
import { prepareFilter } from "./prepare-filter.ts";

/** The part of the contract that creates bottles. */
export function makeLaunching(
  platform: Platform,
  settings: ImageSettings,
): Pick<Bottles, "launch" | "verify"> {
  return {
    async launch(request) {
      const { maker, filterVersion } = await prepareLaunch(platform, request, settings);
      return launchBottle(maker, request, { filterVersion });
    },
    async verify(request) {
      const { maker, filterVersion } = await prepareLaunch(platform, request, settings);
      return verifyBottle(maker.makeScene(request.plan), request, (options) =>
        launchBottle(maker, options, { filterVersion, command: programCommand }),
      );
    },
  };
}

/** Everything that a launch needs to be there. */
async function prepareLaunch(
  platform: Platform,
  request: LaunchOptions,
  settings: ImageSettings,
): Promise<{ readonly maker: GroundMaker; readonly filterVersion: string }> {
  const { plan, progress, signal } = request;
  await platform.requireUsable();
  const images = await prepareImages(platform.images, plan.image, settings, { progress, signal });
  const filterVersion = await prepareFilter(platform, request);
  return { maker: await platform.prepareGround({ plan, progress, ...images }), filterVersion };
}
