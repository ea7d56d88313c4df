/** Everything that a bottle is tried for. */
import { makeInsideProbes } from "./inside-probes.ts";
import { makeNetworkProbes } from "./network-probes.ts";
import { makePing } from "./ping-probe.ts";
import type { Probe, ProbeTargets } from "./probe.ts";
import { makeSiblingServices } from "./services-probes.ts";
import { makeSidecarProbes } from "./sidecar-probes.ts";

/** All probes for these targets. */
export function makeProbes(targets: ProbeTargets): Probe[] {
  return [
    ...makeNetworkProbes(targets),
    ...makeSiblingServices(targets),
    makePing(targets),
    ...makeSidecarProbes(targets),
    ...makeInsideProbes(targets.isGvisor),
  ];
}
