/** Which grant, if any, covers a host and port. */
import type { GateDestination } from "../../protocol/gate-destination.ts";
import { matchesHostPattern } from "../../core/host-name.ts";
import type { ConnectRequest } from "./connect-request.ts";
import { Refusal } from "./refusal.ts";

/** Of patterns that cover one name each is below the other, so that the longest means the fewest names. */
export function findNarrowest(granted: readonly GateDestination[]): GateDestination | undefined {
  return granted.reduce<GateDestination | undefined>(
    (best, one) => (best && best.host.length >= one.host.length ? best : one),
    undefined,
  );
}

/** The destination that grants this host and port; an exact name goes before a wildcard, and a longer one before a shorter. Throws a `Refusal` if there is none. */
export function findDestination(
  destinations: readonly GateDestination[],
  request: ConnectRequest,
): GateDestination {
  const named = destinations.filter((destination) => matchesHostPattern(request.host, destination.host));
  const granted = named.filter((destination) => destination.port === request.port);
  const best = granted.find((destination) => destination.host === request.host) ?? findNarrowest(granted);
  if (best) return best;
  if (named.length === 0) throw new Refusal("not-allowed", "the host is not on this bottle's allowlist");
  const ports = [...new Set(named.map((destination) => destination.port))]
    .sort((a, b) => a - b)
    .join(" and ");
  throw new Refusal("wrong-port", `the host is allowed on port ${ports} only`);
}
