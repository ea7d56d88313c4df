/**
 * Ways out of a service, and into another bottle's. They are tried from one more service, which a verification puts beside those of the
 * plan: it has the same walls and runs the probe.
 */
import { setTimeout } from "node:timers/promises";
import { parseObjectLine } from "../../core/lines.ts";
import type { BottlePlan, ServicePlan } from "../../plan/plan.ts";
import { parseProbeAnswer } from "../../protocol/probe-answers.ts";
import { programCommand, renderProbeInput } from "../../sidecar/programs.ts";
import type { ProbeVerdict } from "../bottle.ts";
import { isAnswered, reach } from "./network-probes.ts";
import type { Probe, ProbeTargets } from "./probe.ts";
import type { Knocker } from "../platform/scene.ts";
import { probeService } from "../platform/services.ts";
import { judge } from "./verdicts.ts";

const settleMs = 300;
const controlName = "service-control";
/** Whether a port is open or closed, its owner answers; nobody listens on the discard port */
const anyPort = 9;
const mebibyte = 1024 * 1024;

/** With the probe's service, and with no data but the verification's own. A plan without services stays as it is. */
export function addProbeService(plan: BottlePlan): BottlePlan {
  const { services } = plan;
  if (!services) return plan;
  const probe: ServicePlan = {
    name: probeService,
    image: probeService,
    // What is run comes over its stdin, in a command of its own
    command: ["sleep", "infinity"],
    env: [],
    after: [],
    dataBytes: mebibyte,
    writable: [],
    limits: { memoryBytes: 256 * mebibyte, cpus: undefined, pids: 256 },
    source: plan.bottle.source,
  };
  return { ...plan, services: [...services.map((one) => ({ ...one, keepKey: undefined })), probe] };
}

/** For the agent: what belongs to another bottle. */
export function makeSiblingServices({ token, sibling, services }: ProbeTargets): Probe[] {
  if (!services) return [];
  const places = [
    { host: services.sibling.agent, port: sibling.port },
    { host: services.sibling.probe, port: anyPort },
  ];
  return [reach(token, "sibling-services", "another bottle's services", places)];
}

/** For a service: everything but its own agent and the services beside it. */
function makeServiceProbes(targets: ProbeTargets): Probe[] {
  const { token, host, egress, sibling, gate, services } = targets;
  if (!services) return [];
  const at = (address: string, ports: readonly number[]) => ports.map((port) => ({ host: address, port }));
  const make = (name: string, title: string, places: ReturnType<typeof at>) =>
    reach(token, `service-${name}`, `${title}, from a service`, places);
  return [
    make(
      "host",
      "the engine's host",
      host.addresses.flatMap((address) => at(address, [host.port])),
    ),
    make("egress", "the sidecar's network", at(egress.address, [egress.port])),
    make("gate", "the sidecar", at(gate.address, [gate.proxyPort, ...gate.otherPorts])),
    make("sibling", "another bottle", [
      ...at(sibling.agent, [sibling.port]),
      ...at(sibling.gate, [gate.proxyPort]),
      ...at(services.sibling.agent, [sibling.port]),
      ...at(services.sibling.probe, [anyPort]),
    ]),
  ];
}

/** Tries them in the probe's service. Its agent must answer it, or its silence would say nothing. */
export async function verifyServices(
  from: Knocker,
  targets: ProbeTargets,
  heardBy: (text: string) => string | undefined,
): Promise<ProbeVerdict[]> {
  const probes = makeServiceProbes(targets);
  const { services, token } = targets;
  if (!services) return [];
  const control = { kind: "tcp", name: controlName, host: services.agent, port: anyPort, token } as const;
  const input = renderProbeInput([control, ...probes.flatMap((probe) => probe.tasks)]);
  // As root with all that a service may have
  const { stdout } = await from.run({ command: programCommand, user: "0:0", input });
  // What was sent last may still be on its way to a canary
  await setTimeout(settleMs);
  const answers = new Map<string, string>();
  for (const line of stdout.split("\n")) {
    const answer = parseProbeAnswer(parseObjectLine(line));
    if (answer) answers.set(answer.name, answer.outcome);
  }
  const isDeaf = !isAnswered(answers.get(controlName) ?? "");
  return probes.map((probe) => {
    const verdict = judge(probe, answers, heardBy);
    if (!isDeaf || verdict.verdict === "leak") return verdict;
    return { ...verdict, verdict: "unknown", detail: "the service did not reach its own agent either" };
  });
}
