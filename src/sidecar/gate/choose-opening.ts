/** Whether the TLS of a pair ends in the gate, and with whom. */
import type { GateDestination } from "../../protocol/gate-destination.ts";
import type { BoundHosts } from "./bound-host.ts";
import type { ConnectRequest } from "./connect-request.ts";
import type { OpenedHosts } from "./opened-tls.ts";
import { Refusal } from "./refusal.ts";

/** Who opens hosts, where there are any that need it. */
export interface Openings {
  /** Hosts whose TLS is opened to put secrets in */
  readonly bound?: BoundHosts | undefined;
  /** Hosts of which requests are decided on or looked at */
  readonly inspected?: OpenedHosts | undefined;
  /** Hosts that are reached for git alone */
  readonly git?: OpenedHosts | undefined;
}

/** Who ends the TLS of this pair here, if anybody does. */
export function chooseOpening(
  request: ConnectRequest,
  { inspect, rules, git: gitRules }: GateDestination,
  { bound, inspected, git }: Openings,
): OpenedHosts | undefined {
  // Without what decides on them there is no request that could be allowed
  if (gitRules && !git) throw new Refusal("git-rule", "nobody is here to open the host for git alone");
  if (gitRules) return git;
  if (bound?.covers(request)) return bound;
  if (!inspect && !rules) return undefined;
  if (rules && !inspected) throw new Refusal("rule", "the gate has nothing that opens its TLS");
  return inspected;
}
