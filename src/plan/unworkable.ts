/** What a manifest asks for that cannot come about, or not as it was meant, though every field of it is valid. */
import type { BottleEntry, SourceRef } from "../manifest/manifest.ts";
import { findObstacle } from "./judge-host.ts";
import type { Destination } from "./egress-plan.ts";

export interface Unworkable {
  readonly source: SourceRef;
  /** Names what it is about; no full stop */
  readonly problem: string;
}

/** Hosts that the filter blocks whatever the manifest says, or for want of `private`. */
export function findUnreachable(destinations: readonly Destination[]): Unworkable[] {
  return destinations.flatMap(({ host, isPrivate, origin }) => {
    const obstacle = origin.kind === "manifest" ? findObstacle(host, isPrivate) : undefined;
    return obstacle && origin.kind === "manifest"
      ? [{ source: origin.source, problem: `${host} cannot be reached: ${obstacle.reason}` }]
      : [];
  });
}

/** Values that look like a variable and are taken as they are written. A dollar within a longer value is a password's. */
export function findUnfilled({ env }: Pick<BottleEntry, "env">): Unworkable[] {
  return env.flatMap(({ name, value, source }) => {
    const variable = value.kind === "literal" ? /^\$([A-Za-z_]\w*)$/.exec(value.value)?.[1] : undefined;
    if (variable === undefined) return [];
    const problem = `${name} is the text "$${variable}" and not a variable's value; write "\${${variable}}"`;
    return [{ source, problem }];
  });
}
