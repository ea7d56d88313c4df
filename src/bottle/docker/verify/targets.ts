/** Where the probe aims: the addresses of everything that the command brought up, as the engine tells them. */
import { randomBytes } from "node:crypto";
import { isIpv4 } from "../../../core/host-name.ts";
import type { Engine } from "../../../engine/engine.ts";
import { listContainerAddresses, readNetwork } from "../../../engine/networks.ts";
import type { BottlePlan } from "../../../plan/plan.ts";
import { gateApiPort, gateProxyPort, gateSshAgentPort, pipelockPort } from "../../../protocol/gate.ts";
import type { ProbeTargets } from "../../verify/probe.ts";
import { gvisor } from "../hardening.ts";
import type { ObjectNames } from "../labels.ts";
import type { LaunchContext } from "../launch.ts";
import type { Canary } from "./canary.ts";

export interface TargetParts {
  readonly plan: BottlePlan;
  readonly host: Canary;
  readonly egress: Canary;
  readonly sibling: { readonly names: ObjectNames; readonly port: number };
  readonly subject: ObjectNames;
  /** Beginning of the canaries' names */
  readonly stem: string;
  readonly context: LaunchContext;
}

/** Asks the engine for the addresses of this run. */
export async function readTargets(engine: Engine, parts: TargetParts): Promise<ProbeTargets> {
  const { plan, host, egress, sibling, subject, context } = parts;
  const [internal, out, inside, outside, other] = await Promise.all([
    readNetwork(engine, subject.internal),
    readNetwork(engine, subject.egress),
    listContainerAddresses(engine, subject.internal),
    listContainerAddresses(engine, subject.egress),
    listContainerAddresses(engine, sibling.names.internal),
  ]);
  const gateways = [...internal.gateways, ...out.gateways];
  const addresses = [...new Set([...gateways.filter(isIpv4), ...host.addresses])];
  return {
    token: `cb${randomBytes(8).toString("hex")}`,
    host: { port: host.port, addresses, ipv6: gateways.filter((one) => !isIpv4(one)) },
    egress: { address: outside.get(`${parts.stem}-egress`) ?? "", port: egress.port },
    sibling: {
      agent: other.get(sibling.names.agent) ?? "",
      gate: other.get(sibling.names.gate) ?? "",
      port: sibling.port,
    },
    gate: {
      address: inside.get(subject.gate) ?? "",
      proxyPort: gateProxyPort,
      otherPorts: unusedPorts(plan),
    },
    granted: plan.egress.destinations.find((one) => one.protocol === "tls" && !one.host.startsWith("*"))
      ?.host,
    isGvisor: context.runtime === gvisor,
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
