/** From a bottle's grants to the exact list of host and port pairs. */
import { matchesHostPattern } from "../core/host-name.ts";
import type { BottleEntry, HostGrant } from "../manifest/manifest.ts";
import { builtInHosts } from "./built-in-hosts.ts";
import type { Destination, Origin } from "./plan.ts";

const tlsPort = 443;

/** Every reachable pair, sorted by name and port. Entries under private and inspect grant their host too. */
export function makeDestinations(bottle: BottleEntry): Destination[] {
  const { allowlist, private: privateHosts, inspect } = bottle.egress;
  const found = new Map<string, Destination>();
  const add = (host: string, port: number, protocol: Destination["protocol"], origin: Origin) => {
    const key = `${host}:${port}`;
    if (found.has(key)) return;
    found.set(key, {
      host,
      port,
      protocol,
      isPrivate: isNamed(host, privateHosts),
      isInspected: protocol === "tls" && isNamed(host, inspect),
      origin,
    });
  };
  // ssh first: on port 443 too, an ssh entry's pair speaks SSH
  for (const entry of bottle.ssh)
    add(entry.hostname, entry.port, "ssh", { kind: "manifest", source: entry.source });
  for (const host of builtInHosts(bottle.auth))
    add(host.host, tlsPort, "tls", { kind: "built-in", reason: host.reason });
  for (const grant of [...allowlist, ...privateHosts, ...inspect]) {
    add(grant.host, tlsPort, "tls", { kind: "manifest", source: grant.source });
  }
  return [...found.values()].toSorted((a, b) =>
    a.host < b.host ? -1 : a.host > b.host ? 1 : a.port - b.port,
  );
}

/** True if a list names the host; a granted pattern is named by the same or a wider pattern. */
export function isNamed(host: string, grants: readonly HostGrant[]): boolean {
  return grants.some(
    (grant) => grant.host === host || matchesHostPattern(host.replace(/^\*\./, ""), grant.host),
  );
}

/** True if a private grant covers the host. */
export function isNamedPrivate(host: string, destinations: readonly Destination[]): boolean {
  return destinations.some((one) => one.isPrivate && matchesHostPattern(host, one.host));
}
