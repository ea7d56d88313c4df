/** Bottles on a platform: the one place where what the product can do is put together. */
import type { Bottles } from "../bottles.ts";
import { makeDiagnosing } from "../doctor/diagnose.ts";
import { observeImage } from "../image/image.ts";
import type { ImageSettings } from "../image/image.ts";
import { findOldImages } from "../image/old-images.ts";
import { observeServices } from "../image/services-images.ts";
import { makeBuilding } from "../image/planned-image.ts";
import type { Platform } from "../platform/platform.ts";
import { makeBottleServices } from "../running/bottle-services.ts";
import { makeBottleSessions } from "../running/bottle-sessions.ts";
import { makeLiveBottles } from "../running/live-bottles.ts";
import { makeWorkKeeper } from "../work/work-keeper.ts";
import { makeLaunching } from "./launching.ts";
import { prepareLaunch } from "./prepare-launch.ts";
import { makeSetupStore } from "./setups.ts";

/** `settings`: of the images that bottles run */
export function createBottles(platform: Platform, settings: ImageSettings): Bottles {
  const { images, leftovers } = platform;
  const launching = makeLaunching(platform, settings);
  return {
    isReachable: () => platform.isReachable(),
    async observe(request) {
      await platform.requireUsable();
      const [image, services, facts] = await Promise.all([
        observeImage(images, request, settings),
        observeServices(images, request.services ?? []),
        platform.observe(),
      ]);
      return { image, services, ...facts };
    },
    ...makeBuilding(platform, settings),
    ...launching,
    ...makeSetupStore(platform, (request) => prepareLaunch(platform, request, settings)),
    ...makeDiagnosing(platform, settings, launching.verify),
    ...makeLiveBottles(platform),
    ...makeBottleSessions(platform),
    ...makeBottleServices(platform),
    ...makeWorkKeeper(platform),
    list: () => platform.list(),
    findOldImages: (needed) => findOldImages(platform, needed, settings),
    findKeptData: () => leftovers.findKeptData(),
    findLeftovers: () => leftovers.find(),
    removeLeftovers: (found) => leftovers.remove(found),
    removeSession: (session, { waits } = { waits: true }) => leftovers.removeSession(session, { waits }),
  };
}
