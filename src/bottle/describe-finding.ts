/** What the gate found in a request, in words. Parts of them come from the agent: escape them to print them. */
import { redactCredentials } from "../core/redact.ts";
import type { GateFindingEvent } from "../protocol/gate-events.ts";

/** `github-token in query key, fingerprint 0123456789ab` */
export function describeFinding({ rule, where, fingerprint }: GateFindingEvent): string {
  // The rule and the fingerprint are the gate's own words; the place is the agent's, and may hold anything
  return `${rule} in ${redactCredentials(where)}, fingerprint ${fingerprint}`;
}

/** How to go on. */
export function adviseOnFinding({ host, rule }: GateFindingEvent): string {
  return `to let it through: "inspect": [{ "host": "${host}", "allow": ["${rule}"] }]`;
}
