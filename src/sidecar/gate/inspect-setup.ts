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
import type { Looker } from "./inspect/looker.ts";
import { makeFindingReports } from "./inspect-findings.ts";
import type { FindingReports } from "./inspect-findings.ts";
import { makeInspectedHosts } from "./inspected-host.ts";
import type { InspectedHosts, InspectedHostsOptions } from "./inspected-host.ts";
import { asSecrets } from "./canary-secrets.ts";
import type { OwnSecret } from "./inspect/own-secrets.ts";
import type { GateConfiguration } from "../../protocol/gate.ts";
import { Refusal } from "./refusal.ts";

/** Below a pattern an agent may make up any number of names, and each needs a certificate */
const maxMadeUp = 64;

/** From the gate's configuration to what opens the hosts that it inspects. */
export async function inspectHosts(
  { destinations, inspect, own = [], canaries = [] }: GateConfiguration,
  {
    wayOut,
    emit,
    ruling,
    traps,
    bounds,
  }: Pick<InspectedHostsOptions, "wayOut" | "ruling" | "traps" | "bounds"> & { readonly emit: Emit },
): Promise<{
  readonly hosts: InspectedHosts;
  readonly reports: FindingReports;
  readonly looker: Looker | undefined;
}> {
  if (!inspect) throw new GateFailure("there are hosts to inspect, but no place for the CA");
  const inspected = destinations.filter((one) => one.inspect);
  const reports = makeFindingReports(emit);
  const opened = destinations.filter((one) => one.inspect || one.rules);
  const names = opened.flatMap(({ host }) => (host.startsWith("*.") ? [host, host.slice(2)] : [host]));
  const [certificateFor, trusted] = await Promise.all([
    makeCertificates(inspect.caDirectory, [...new Set(names)]),
    readTrusted(),
  ]);
  const looker = inspected.length > 0 ? await makeLooker([...own, ...asSecrets(canaries)]) : undefined;
  const hosts = makeInspectedHosts({
    looker,
    ruling,
    traps,
    bounds,
    reports,
    certificateFor,
    trusted,
    wayOut,
    isInspected: (host) => inspected.some((one) => matchesHostPattern(host, one.host)),
    allowedAt: (host) => findDestination(inspected, { host, port: 443 }).inspect?.allow ?? [],
  });
  return { hosts, reports, looker };
}

/** The formats that are looked for are made ready only where somebody is looked at. */
async function makeLooker(own: readonly OwnSecret[]): Promise<Looker> {
  const { Looker: Made } = await import("./inspect/looker.ts");
  return new Made(own);
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
