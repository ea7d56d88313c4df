/** The filter of a launch: its image, and what its configuration is written for. */
import { filterReleases } from "../../plan/filter-releases.ts";
import type { LaunchOptions } from "../bottle.ts";
import { readFilterVersion, requireLoadable } from "../filter/filter-version.ts";
import { ensurePresent } from "../image/image.ts";
import type { Platform } from "../platform/platform.ts";

/** Has the filter's image there, and says which release it is; the default one's without a filter. Throws for one that would not load. */
export async function prepareFilter(
  platform: Pick<Platform, "images" | "runAlone">,
  { plan, progress, signal }: Pick<LaunchOptions, "plan" | "progress" | "signal">,
): Promise<string> {
  const image = plan.egress.pipelockImage;
  if (image === undefined) return filterReleases[0].version;
  await ensurePresent(platform.images, image, progress, signal);
  const version = await readFilterVersion(platform, image, { session: plan.session, signal });
  requireLoadable(plan, version);
  return version;
}
