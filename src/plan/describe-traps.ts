/** What a plan says of the made-up credentials in a bottle. */
import { canaryPlaces } from "../core/canaries.ts";
import type { BottleEntry } from "../manifest/manifest.ts";
import type { BottlePlan, CanaryPlan, FilesPlan } from "./plan.ts";

/** What the manifest gives at a place goes first. */
export function planCanaries(
  { canaries = [] }: Pick<BottleEntry, "canaries">,
  files: readonly Pick<FilesPlan, "target">[] = [],
): CanaryPlan[] {
  return canaries.map((kind) => {
    const place = canaryPlaces[kind];
    const target = files.find((one) => covers(one.target, place))?.target;
    return { kind, place, ...(target !== undefined && { obstacle: `the bottle is given ${target}` }) };
  });
}

/** `~/.aws/` covers `.aws/credentials`, and so does the file itself. */
function covers(target: string, place: string): boolean {
  const path = target.replace(/^~\//, "");
  return path.endsWith("/") ? place.startsWith(path) : place === path || place.startsWith(`${path}/`);
}

/** A row for each kind. */
export function describeTraps({ canaries = [] }: Pick<BottlePlan, "canaries">): string[][] {
  return canaries.map(({ kind, place, obstacle }) => [
    kind,
    `~/${place}`,
    obstacle === undefined
      ? "made up for this session; if it is about to leave, the bottle is frozen"
      : `not planted: ${obstacle}`,
  ]);
}

/** One line for the policy. */
export function trapsPolicy({ canaries = [] }: Pick<BottlePlan, "canaries">): string[] {
  const planted = canaries.filter((one) => one.obstacle === undefined).map((one) => one.kind);
  return planted.length === 0 ? [] : [`canaries ${planted.toSorted().join(" ")}`];
}
