/** Puts together what a gate with rules of git needs: the certificate, the authorities to believe, and who looks at a push. */
import type { BoundHosts } from "./bound-host.ts";
import type { InspectedHosts } from "./inspected-host.ts";
import { makeHostCertificate } from "./bound-certificate.ts";
import { readTrusted } from "./bound-setup.ts";
import type { SecretUses } from "./bound-uses.ts";
import type { WatchedPlaceholder } from "./bound-watch.ts";
import type { Emit } from "./events.ts";
import { GateFailure } from "./failure.ts";
import { makeFindingReports } from "./inspect-findings.ts";
import type { FindingReports } from "./inspect-findings.ts";
import { asSecrets } from "./canary-secrets.ts";
import type { Bounds } from "./bounds.ts";
import { Looker } from "./inspect/looker.ts";
import type { Traps } from "./traps.ts";
import type { OpenedHosts } from "./opened-tls.ts";
import type { Policy } from "./policy.ts";
import type { GateConfiguration } from "../../protocol/gate.ts";
import type { WayOut } from "./way-out.ts";
import { makeGitHosts } from "./git-host.ts";

export interface GitSetup {
  readonly configuration: GateConfiguration;
  readonly policy: Policy;
  readonly wayOut: WayOut;
  readonly watched: readonly WatchedPlaceholder[];
  readonly uses: SecretUses;
  readonly emit: Emit;
  /** Of inspected hosts, where there are any: rules are made ready once */
  readonly looking:
    | {
        readonly hosts: InspectedHosts;
        readonly looker: Looker | undefined;
        readonly reports: FindingReports;
      }
    | undefined;
  readonly bound: BoundHosts | undefined;
  readonly traps: Traps | undefined;
  readonly bounds: Pick<Bounds, "find">;
}

const tlsPort = 443;

/** From the gate's configuration to what opens the hosts that are reached for git alone. */
export async function openGitHosts(
  setup: GitSetup,
): Promise<{ readonly hosts: OpenedHosts; readonly reports: FindingReports }> {
  const { configuration, policy, emit, watched, uses, wayOut } = setup;
  const { destinations, inspect, secrets = [], own = [], canaries = [] } = configuration;
  if (!inspect) throw new GateFailure("there are hosts for git, but no place for the CA");
  const names = destinations.flatMap(({ git, host }) => (git ? [host] : []));
  const [certificate, trusted] = await Promise.all([
    makeHostCertificate(inspect.caDirectory, names),
    readTrusted(),
  ]);
  const { looking, bound, traps, bounds } = setup;
  const looker = looking?.looker ?? new Looker([...own, ...asSecrets(canaries)]);
  const reports = looking?.reports ?? makeFindingReports(emit);
  const hosts = makeGitHosts({
    // Of the moment: what the user allows and blocks as the session goes counts
    rulesOf: (host) => policy.find({ host, port: tlsPort }).git ?? [],
    judgeOf: (host, from) => ({
      looker,
      judge(all, allowed) {
        const found = traps ? traps.judge(all, { host, from }) : all;
        return found.length > 0 ? reports.judge(found, host, allowed) : undefined;
      },
    }),
    traps,
    bounds,
    besideOf(host, toHost, from) {
      if (!policy.find({ host, port: tlsPort }).rules) return undefined;
      return (bound?.covers({ host, port: tlsPort }) ? bound : looking?.hosts)?.adopt(toHost, host, from);
    },
    secrets,
    watched,
    uses,
    certificate,
    trusted,
    wayOut,
    emit,
  });
  return { hosts, reports };
}
