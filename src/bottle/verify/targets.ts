/** Where the probe aims: the addresses of everything that the command brought up. */
import { randomBytes } from "node:crypto";
import { isIpv4 } from "../../core/host-name.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import { gateApiPort, gateProxyPort, gateSshAgentPort, pipelockPort } from "../../protocol/gate.ts";
import type { Canary } from "./canary.ts";
import type { ProbeTargets } from "./probe.ts";
import type { SceneAddresses } from "../platform/scene.ts";

export interface TargetParts {
  readonly plan: BottlePlan;
  readonly addresses: SceneAddresses;
  readonly host: Pick<Canary, "port" | "addresses">;
  readonly egress: Pick<Canary, "port">;
  readonly sibling: { readonly port: number };
  readonly isGvisor: boolean;
}

/** With a token that is unique to this run. */
export function makeTargets(parts: TargetParts): ProbeTargets {
  const { plan, addresses, host, egress, sibling, isGvisor } = parts;
  const { gateways } = addresses;
  return {
    token: `cb${randomBytes(8).toString("hex")}`,
    host: {
      port: host.port,
      addresses: [...new Set([...gateways.filter(isIpv4), ...host.addresses])],
      ipv6: gateways.filter((one) => !isIpv4(one)),
    },
    egress: { address: addresses.egress, port: egress.port },
    sibling: { ...addresses.sibling, port: sibling.port },
    ...(addresses.services && { services: addresses.services }),
    gate: { address: addresses.gate, proxyPort: gateProxyPort, otherPorts: unusedPorts(plan) },
    granted: plan.egress.destinations.find((one) => one.protocol === "tls" && !one.host.startsWith("*"))
      ?.host,
    isGvisor,
  };
}

/** What the sidecar must not answer on: pipelock's ports, those of parts that this plan has not, and the usual ones. */
function unusedPorts(plan: BottlePlan): number[] {
  const used = new Set<number>([
    gateProxyPort,
    ...(plan.auth === "gate" ? [gateApiPort] : []),
    ...(plan.ssh.length > 0 ? [gateSshAgentPort] : []),
  ]);
  const ports = [pipelockPort, 9091, 9092, gateApiPort, gateSshAgentPort, 22, 53, 80, 443, 3128, 8000, 9229];
  return [...new Set(ports)].filter((port) => !used.has(port));
}
