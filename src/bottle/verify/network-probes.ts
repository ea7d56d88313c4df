/** Ways out past the sidecar: the engine's host, the sidecar's own network, other bottles, names. */
import type { Probe, ProbeTargets } from "./probe.ts";

/** Where the engine puts its resolver in every network but the default one */
const embeddedResolver = "127.0.0.11";
/** RFC 1035 §4.1.1 */
const serverFailure = 2;

interface Place {
  readonly host: string;
  readonly port: number;
}

/** An answer of any kind, also a refusal, was sent by somebody who was reached. */
export function isAnswered(outcome: string): boolean {
  return /^(heard|connected|answered|ECONNREFUSED|ECONNRESET|EPIPE|HTTP\/)/.test(outcome);
}

/** What must not be heard by the canaries on the host, on the other network and in the sibling. */
export function makeNetworkProbes(targets: ProbeTargets): Probe[] {
  const { token, host, egress, sibling, gate } = targets;
  const { port } = host;
  const places = (addresses: readonly string[]) => addresses.map((address) => ({ host: address, port }));
  const mapped = host.addresses.slice(0, 1).map((address) => `::ffff:${address}`);
  return [
    reach(token, "host", "services of the engine's host", places(host.addresses)),
    reach(
      token,
      "host-ipv6",
      "the host by IPv6",
      places([...host.ipv6, ...mapped, "fe80::1%eth0", "ff02::1%eth0"]),
    ),
    reach(token, "egress", "a listener on the sidecar's network", [
      { host: egress.address, port: egress.port },
    ]),
    reach(token, "sibling", "another bottle's agent", [{ host: sibling.agent, port: sibling.port }]),
    reach(token, "sibling-gate", "another bottle's sidecar", [{ host: sibling.gate, port: gate.proxyPort }]),
    makeNameProbe(targets),
  ];
}

/** By TCP and by UDP, with a text that the listener would repeat. */
export function reach(token: string, name: string, title: string, places: readonly Place[]): Probe {
  return {
    name,
    title,
    token: `${token}-${name}-`,
    isLeak: isAnswered,
    tasks: places.flatMap(({ host, port }, index) =>
      (["tcp", "udp"] as const).map((kind) => ({
        kind,
        host,
        port,
        name: `${name} ${kind} ${host}:${port}`,
        token: `${token}-${name}-${index}`,
      })),
    ),
  };
}

/** By the system's resolver, and straight to whoever might be one. */
function makeNameProbe({ token, host, gate }: ProbeTargets): Probe {
  const name = `${token}-name.canary.test`;
  const servers = [embeddedResolver, host.addresses[0] ?? "", gate.address].filter(Boolean);
  return {
    name: "names",
    title: "names asked for outside of the bottle",
    token: `${token}-name`,
    // The engine's resolver is inside; that it has found nobody to ask is what it should say
    isLeak: (outcome) =>
      outcome.startsWith("answered") && outcome !== `answered by ${embeddedResolver}: rcode ${serverFailure}`,
    tasks: [
      { kind: "lookup", name: "names lookup", host: name },
      ...servers.map((server) => ({ kind: "dns" as const, name: `names by ${server}`, server, host: name })),
    ],
  };
}
