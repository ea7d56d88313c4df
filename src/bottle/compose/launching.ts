/** From a plan to a running bottle, or to a verified one: images and filter first, then the ground, then the launch. */
import { programCommand } from "../../sidecar/programs.ts";
import type { Bottles } from "../bottles.ts";
import type { ImageSettings } from "../image/image.ts";
import { launchBottle } from "../launch/launch-bottle.ts";
import type { Platform } from "../platform/platform.ts";
import { verifyBottle } from "../verify/verify-bottle.ts";
import { findTreeUse } from "./setups.ts";
import { prepareLaunch } from "./prepare-launch.ts";

/** The part of the contract that creates bottles. */
export function makeLaunching(
  platform: Platform,
  settings: ImageSettings,
): Pick<Bottles, "launch" | "verify"> {
  return {
    async launch(request) {
      const { maker, filterVersion } = await prepareLaunch(platform, request, settings);
      const tree = await findTreeUse(platform, request.plan.setup, maker.imageId);
      return launchBottle(maker, request, { filterVersion, tree });
    },
    async verify(request) {
      const { maker, filterVersion } = await prepareLaunch(platform, request, settings);
      return verifyBottle(maker.makeScene(request.plan), request, (options) =>
        launchBottle(maker, options, { filterVersion, command: programCommand }),
      );
    },
  };
}
