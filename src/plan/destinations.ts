/** From a bottle's grants to the exact list of host and port pairs. */
import { matchesHostPattern } from "../core/host-name.ts";
import { engineHost } from "../core/host-port.ts";
import { strictestAccount } from "../core/http-rules/host-rules.ts";
import type { BottleEntry, HostGrant, InspectGrant, Inspector, RuledGrant } from "../manifest/manifest.ts";
import { builtInHosts } from "./built-in-hosts.ts";
import type { Destination, Origin } from "./egress-plan.ts";
import { makeGitDestinations } from "./git-destinations.ts";

const tlsPort = 443;
const plainPort = 80;

/** Every reachable pair, sorted by name and port. Entries under private and inspect grant their host too. */
export function makeDestinations(bottle: BottleEntry): Destination[] {
  const { allowlist, private: privateHosts, inspect, http, tcp = [] } = bottle.egress;
  const found = new Map<string, Destination>();
  const add = (host: string, port: number, protocol: Destination["protocol"], origin: Origin) => {
    const key = `${host}:${port}`;
    if (found.has(key)) return;
    found.set(key, {
      host,
      port,
      protocol,
      isPrivate: host === engineHost || isNamed(host, privateHosts, port),
      ...(protocol === "tls" ? findInspection(host, inspect) : { isInspected: false }),
      ...(protocol === "tls" && port === tlsPort && origin.kind === "manifest"
        ? findRules(host, allowlist)
        : {}),
      origin,
    });
  };
  // ssh, tcp and http first: their pairs speak what they say also where another list names the host with this port
  for (const entry of bottle.ssh)
    add(entry.hostname, entry.port, "ssh", { kind: "manifest", source: entry.source });
  for (const grant of tcp) add(grant.host, grant.port ?? tlsPort, "tcp", fromManifest(grant));
  for (const grant of http) add(grant.host, grant.port ?? plainPort, "http", fromManifest(grant));
  for (const host of builtInHosts(bottle.auth))
    add(host.host, tlsPort, "tls", { kind: "built-in", reason: host.reason });
  for (const grant of [...allowlist, ...privateHosts, ...inspect]) {
    add(grant.host, grant.port ?? tlsPort, "tls", fromManifest(grant));
  }
  for (const one of makeGitDestinations(bottle)) {
    const key = `${one.host}:${one.port}`;
    const other = found.get(key);
    // Of a host that has rules for its other requests too
    found.set(key, other ? { ...other, git: one.git, isPrivate: other.isPrivate || one.isPrivate } : one);
  }
  return [...found.values()].toSorted((a, b) =>
    a.host < b.host ? -1 : a.host > b.host ? 1 : a.port - b.port,
  );
}

function fromManifest({ source }: HostGrant): Origin {
  return { kind: "manifest", source };
}

/** True if a list names the host, on this port or on any; a granted pattern is named by the same or a wider pattern. */
function isNamed(host: string, grants: readonly HostGrant[], port?: number): boolean {
  return grants.some(
    (grant) =>
      (port === undefined || grant.port === undefined || grant.port === port) &&
      (grant.host === host || matchesHostPattern(host.replace(/^\*\./, ""), grant.host)),
  );
}

/**
 * True if a granted pattern covers a host that is named by itself. The filter knows no "all but": were `*.x` to pass unopened, then
 * `a.x` under inspect would too, so the whole pattern is opened, and shown as opened.
 */
function coversAny(pattern: string, grants: readonly HostGrant[]): boolean {
  return grants.some((grant) => matchesHostPattern(grant.host.replace(/^\*\./, ""), pattern));
}

/** Where both are to look at a host pipelock does: it can be told to leave a host alone, but not to take one from below a pattern. */
function findInspection(
  host: string,
  grants: readonly InspectGrant[],
): Pick<Destination, "isInspected" | "inspect"> {
  const byFilter = grants.filter((one) => one.by === "pipelock");
  if (isNamed(host, byFilter) || coversAny(host, byFilter))
    return { isInspected: true, inspect: { by: "pipelock", allow: [] } };
  const byGate = grants.filter((one) => one.by !== "pipelock" && isNamed(host, [one]));
  if (byGate.length === 0) return { isInspected: false };
  const allow = [...new Set(byGate.flatMap((one) => one.allow ?? []))].toSorted();
  return { isInspected: true, inspect: { by: "gate", allow } };
}

/**
 * Of all entries for the host, or for the narrowest pattern above one that only another list names: that list says how the host is reached, and
 * opens nothing that rules close. An entry that allows it whole goes before rules, since lists add up.
 */
function findRules(host: string, allowlist: readonly RuledGrant[]): Pick<Destination, "rules"> {
  const onPort = allowlist.filter((one) => (one.port ?? tlsPort) === tlsPort);
  const above = onPort
    .filter((one) => one.host !== host && isNamed(host, [one]))
    .toSorted((a, b) => b.host.length - a.host.length)[0]?.host;
  const exact = onPort.filter((one) => one.host === host);
  const named = exact.length > 0 ? exact : onPort.filter((one) => one.host === above);
  const ruled = named.flatMap((one) => (one.rules ? [one.rules] : []));
  if (ruled.length === 0 || ruled.length < named.length) return {};
  return {
    rules: {
      lines: ruled.flatMap((one) => one.lines),
      account: strictestAccount(ruled.map((one) => one.account)),
    },
  };
}

/** True if this one opens the TLS of the host to look into it. */
export function isInspectedBy({ isInspected, inspect }: Destination, by: Inspector): boolean {
  return isInspected && (inspect?.by ?? "pipelock") === by;
}

/** True if a private grant covers the host. */
export function isNamedPrivate(host: string, destinations: readonly Destination[]): boolean {
  return destinations.some((one) => one.isPrivate && matchesHostPattern(host, one.host));
}
