/** What of one release is not in another. */
import { betas } from "../../../src/sidecar/gate/api-vocabulary.ts";
import type { Release } from "./read-release.ts";
import { relied } from "./relied.ts";

export interface Drift {
  /** Relied on, with the file that does */
  readonly gone: readonly string[];
  /** Relied on, and not in the release that it was measured with: the list is wrong */
  readonly neverThere: readonly string[];
  /** Calls and features that are new, and that the gate does not let through */
  readonly newCalls: readonly string[];
}

export function compareReleases(before: Release, after: Release): Drift {
  const name = ({ text, file }: (typeof relied)[number]) => `${text} (src/${file})`;
  return {
    gone: relied.filter(({ text }) => before.has.has(text) && !after.has.has(text)).map(name),
    neverThere: relied.filter(({ text }) => !before.has.has(text)).map(name),
    newCalls: [...after.calls].filter((one) => !before.calls.has(one) && !betas.test(one)).toSorted(),
  };
}
