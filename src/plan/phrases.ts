/** Phrases that stand in more than one section of the preflight. */
import { countOf, quote, renderBytes } from "../core/text.ts";
import type { ContentPlan } from "./content-plan.ts";
import type { LimitsPlan } from "./plan.ts";

/** More names say nothing that the first ones did not */
const maxNames = 10;
/** Characters of a value that are shown; the manifest has all of it */
const valueLength = 200;

/** `2 files, 2.0 KiB` */
export function describeAmount({ files, bytes }: Pick<ContentPlan, "files" | "bytes">): string {
  return `${countOf(files, "file")}, ${renderBytes(bytes)}`;
}

/** `2 files, 2.0 KiB (7d7d7d7d…)` */
export function describeContent(content: ContentPlan): string {
  return `${describeAmount(content)} ${shortDigest(content)}`;
}

/** `(7d7d7d7d…)`: enough to tell one content from another */
export function shortDigest({ digest }: Pick<ContentPlan, "digest">): string {
  return `(${digest.slice(0, 8)}…)`;
}

/** `"a", "b" and 3 more` */
export function nameSome(paths: readonly string[]): string {
  const names = paths.slice(0, maxNames).map((path) => quote(path));
  return `${names.join(", ")}${paths.length > maxNames ? ` and ${paths.length - maxNames} more` : ""}`;
}

/** A value that the manifest holds for everybody to read. */
export function showValue(value: string): string {
  const shown = quote(value, valueLength);
  return value.length > valueLength ? `${shown} (${countOf(value.length, "character")})` : shown;
}

export function describeLimits({ memoryBytes, cpus, pids }: LimitsPlan): string {
  return `${renderBytes(memoryBytes)} memory, ${cpus === undefined ? "all CPUs" : countOf(cpus, "CPU")}, ${pids} processes`;
}

/** What the manifest's own name for an image means, since a tag may mean something else tomorrow; `resolved` as of `ImagePlan`. */
export function describeResolved(name: string, resolved: string | undefined): string[] {
  if (resolved === undefined) return [];
  return [
    resolved === "absent"
      ? `${name} is not on this engine: it is fetched after the yes, and you approve what is fetched`
      : `${name} is ${resolved}; a different image of that name needs a new approval`,
  ];
}
