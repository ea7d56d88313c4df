/** Which release of pipelock an image holds. Its configuration is written for that, and it refuses keys that it does not know. */
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import { isVersion } from "../../core/version-order.ts";
import { filterReleases, findUnloadable, versionOf } from "../../plan/filter-releases.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import type { Platform } from "../platform/platform.ts";

/** It takes some milliseconds; one that hangs would hang as the filter too */
const endMs = 10_000;
const limits = { memoryBytes: 256 * 1024 * 1024, pids: 64, maxTextLength: 10_000 };

/**
 * Asks the image's own program, in a container without a network, unless the image is named by a digest that is known. One that does not
 * say it gets the configuration of the default release, and has to prove itself by what it reports, as any.
 */
export async function readFilterVersion(
  { runAlone }: Pick<Platform, "runAlone">,
  image: string,
  { session, signal }: { readonly session: string; readonly signal: AbortSignal },
): Promise<string> {
  const [usual] = filterReleases;
  const known = versionOf(image);
  if (known !== undefined) return known;
  // A program that cannot even say its version fails again, and better, as the filter
  const text = await runAlone({ image, words: ["version"], session, ...limits, endMs, signal });
  signal.throwIfAborted();
  const told = /^pipelock version (\S{1,40})$/m.exec(text)?.[1];
  return told !== undefined && isVersion(told) ? told : usual.version;
}

/** Throws for hosts that this release would refuse to load. */
export function requireLoadable({ egress }: BottlePlan, version: string): void {
  const bad = findUnloadable(
    egress.destinations.map((one) => one.host),
    version,
  );
  if (bad.length === 0) return;
  throw new BottleError({
    code: "input",
    message: `Cannot start with pipelock ${version}: it does not take every host of the manifest`,
    details: bad.map(({ host, problem }) => `${quote(host)}: ${problem}`),
    hint: "Write the hosts differently, or use another release of pipelock with CLAUDE_BOTTLE_FILTER.",
  });
}
