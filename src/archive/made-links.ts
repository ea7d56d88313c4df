/** What a link that is about to be made would lead to, and when it was changed. */
import { lutimesSync, realpathSync } from "node:fs";
import { fromBytes, joinNames, quoteName, toBytes } from "./byte-names.ts";

/**
 * What the names alone do not tell: that a link which is there already, somebody else's, takes the way out. `at` is the folder that it
 * must stay in, without a link in its path. Undefined if there is no such fault.
 */
export function findWayOut(at: string, folder: string, target: string): string | undefined {
  const steps = target.split("/");
  for (let count = steps.length; count > 0; count -= 1) {
    const path = joinNames(folder, steps.slice(0, count).join("/"));
    const real = resolvePath(path);
    // What is not there leads nowhere; what it would be in may
    if (real === undefined) continue;
    const isInside = real === at || real.startsWith(at.endsWith("/") ? at : `${at}/`);
    return isInside
      ? undefined
      : `it is a link to ${quoteName(target)}, which leads out by a link that is here`;
  }
  return undefined;
}

function resolvePath(path: string): string | undefined {
  try {
    return fromBytes(realpathSync(toBytes(path), { encoding: "buffer" }));
  } catch {
    return undefined;
  }
}

/** Not every file system keeps a time for a link. */
export function setLinkTime(path: string, changedAt: number): void {
  try {
    lutimesSync(toBytes(path), changedAt, changedAt);
  } catch {
    // It keeps the time of its making
  }
}
