/** What differs from the last approval, for the preflight. */
import type { PolicyChange } from "./policy.ts";

/** Grants that came and went; `first` if nothing was approved before. */
export function describeChange(change: PolicyChange | "first"): string[] {
  if (change === "first") return ["not approved before"];
  if (change.added.length === 0 && change.removed.length === 0) return ["none since the last approval"];
  return [
    ...change.added.map((line) => `+ ${shortenDigests(line)}`),
    ...change.removed.map((line) => `- ${shortenDigests(line)}`),
  ];
}

/** Enough to see that two differ */
function shortenDigests(line: string): string {
  return line.replaceAll(/\b([0-9a-f]{8})[0-9a-f]{56}\b/g, "$1…");
}
