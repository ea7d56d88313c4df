/** Puts together who watches what leaves, and who opens the TLS of hosts: for secrets, for rules, for a look inside, and for git. */
import { keepSecrets } from "./bound-setup.ts";
import { makeSecretUses } from "./bound-uses.ts";
import type { SecretUses } from "./bound-uses.ts";
import type { LookAt } from "./bound-host.ts";
import type { Openings } from "./choose-opening.ts";
import type { ControlOptions } from "./control.ts";
import type { GitSetup } from "./git-setup.ts";
import type { InspectedHostsOptions } from "./inspected-host.ts";
import type { PlainForwarder, ProxyOptions } from "./proxy.ts";
import { findOwnCredentials } from "./ruling-setup.ts";
import { makeRuling } from "./ruling.ts";
import { setTraps } from "./set-traps.ts";
import type { Traps } from "./traps.ts";
import type { Ways } from "./ways.ts";

export interface HostsSetup extends Pick<
  ControlOptions,
  "configuration" | "policy" | "freezer" | "bounds" | "emit"
> {
  readonly ways: Ways;
}

export interface OpenedGate {
  readonly openings: Openings;
  readonly uses: SecretUses;
  readonly traps: Traps | undefined;
  /** Lets through only what holds no made-up credential */
  readonly plain: PlainForwarder | undefined;
  readonly onHead: NonNullable<ProxyOptions["onHead"]>;
  /** Reports what still waits to be reported */
  settle(): void;
}

export async function openHosts(setup: HostsSetup): Promise<OpenedGate> {
  const { configuration, policy, freezer, bounds, emit, ways } = setup;
  const { wayOut } = ways;
  const uses = makeSecretUses(emit);
  const set = await setTraps(configuration, freezer, emit);
  const traps = set?.traps;
  const ruling = makeRuling({ ...findOwnCredentials(configuration, policy), emit });
  const looking = await openInspected(setup, { ruling, traps, bounds });
  const inspected = looking?.hosts;
  const lookAt: LookAt = (host, from) => inspected?.lookAt(host, from) ?? traps?.lookAt(host, from);
  const kept = await keepSecrets(configuration, wayOut, { uses, ruling, lookAt, bounds });
  const { bound, watched } = kept;
  const shared = { configuration, policy, wayOut, watched, uses, emit };
  const git = await openGit({ ...shared, looking, bound, traps, bounds });
  return {
    openings: { bound, inspected, git: git?.hosts },
    uses,
    traps,
    plain: set ? set.guard(ways.plain) : ways.plain,
    onHead(head, passing) {
      kept.onHead(head, passing.host);
      traps?.lookAtHead(head, passing);
    },
    settle() {
      uses.settle();
      (git ?? looking)?.reports.settle();
      traps?.settle();
    },
  };
}

/** What looks inside is loaded only where somebody is looked at: it would hold up every other start. */
async function openInspected(
  { configuration, emit, ways }: HostsSetup,
  watching: Pick<InspectedHostsOptions, "ruling" | "traps" | "bounds">,
) {
  if (!configuration.destinations.some((one) => one.inspect || one.rules)) return undefined;
  const { inspectHosts } = await import("./inspect-setup.ts");
  return inspectHosts(configuration, { wayOut: ways.wayOut, emit, ...watching });
}

async function openGit(setup: GitSetup) {
  if (!setup.configuration.destinations.some((one) => one.git)) return undefined;
  const { openGitHosts } = await import("./git-setup.ts");
  return openGitHosts(setup);
}
