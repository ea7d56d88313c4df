/** Puts together what a gate with inspected hosts needs: the rules, the secrets to look for, certificates, and authorities to believe. */
import { join } from "node:path";
import { access } from "node:fs/promises";
import type { SecureContext } from "node:tls";
import { matchesHostPattern } from "../../core/host-name.ts";
import { makeHostCertificate } from "./bound-certificate.ts";
import { readTrusted } from "./bound-setup.ts";
import { findDestination } from "./destinations.ts";
import type { Emit } from "./events.ts";
import { GateFailure } from "./failure.ts";
import { Looker } from "./inspect/looker.ts";
import { makeFindingReports } from "./inspect-findings.ts";
import type { FindingReports } from "./inspect-findings.ts";
import { makeInspectedHosts } from "./inspected-host.ts";
import type { InspectedHosts, InspectedHostsOptions } from "./inspected-host.ts";
import type { GateConfiguration } from "../../protocol/gate.ts";
import { Refusal } from "./refusal.ts";
import { asSecrets } from "./traps.ts";
import type { WayOut } from "./way-out.ts";

/** Below a pattern an agent may make up any number of names, and each needs a certificate */
const maxMadeUp = 64;

/** From the gate's configuration to what opens the hosts that it inspects. */
export async function inspectHosts(
  { destinations, inspect, own = [], canaries = [] }: GateConfiguration,
  wayOut: WayOut,
  emit: Emit,
  { traps, bounds }: Pick<InspectedHostsOptions, "traps" | "bounds"> = {},
): Promise<{ readonly hosts: InspectedHosts; readonly reports: FindingReports }> {
  if (!inspect) throw new GateFailure("there are hosts to inspect, but no place for the CA");
  const inspected = destinations.filter((one) => one.inspect);
  const reports = makeFindingReports(emit);
  const names = inspected.flatMap(({ host }) => (host.startsWith("*.") ? [host, host.slice(2)] : [host]));
  const [certificateFor, trusted] = await Promise.all([
    makeCertificates(inspect.caDirectory, [...new Set(names)]),
    readTrusted(),
  ]);
  const hosts = makeInspectedHosts({
    looker: new Looker([...own, ...asSecrets(canaries)]),
    traps,
    bounds,
    reports,
    certificateFor,
    trusted,
    wayOut,
    isInspected: (host) => inspected.some((one) => matchesHostPattern(host, one.host)),
    allowedAt: (host) => findDestination(inspected, { host, port: 443 }).inspect?.allow ?? [],
  });
  return { hosts, reports };
}

/** One certificate for all names that are known from the start; a name further below a pattern gets its own when it is first used. */
async function makeCertificates(
  folder: string,
  names: readonly string[],
): Promise<(host: string) => Promise<SecureContext>> {
  await access(join(folder, "ca-key.pem"));
  const first = await makeHostCertificate(folder, names);
  const madeUp = new Map<string, Promise<SecureContext>>();
  return (host) => {
    if (names.includes(host) || names.includes(`*.${host.split(".").slice(1).join(".")}`))
      return Promise.resolve(first);
    const known = madeUp.get(host);
    if (known) return known;
    if (madeUp.size >= maxMadeUp)
      return Promise.reject(new Refusal("too-many", `${maxMadeUp} names below a pattern have been used`));
    const made = makeHostCertificate(folder, [host]);
    madeUp.set(host, made);
    return made;
  };
}
