/**
 * Network policies. Policies add up, and each only opens: what closes is that there is one at all. The one that closes belongs to the
 * namespace and not to a bottle, since what belongs to a bottle goes seconds before the bottle's last Pod.
 */
import { findTcpPorts } from "../../core/tcp-ports.ts";
import { gateAskPort, gatePorts, pipelockPort } from "../../protocol/gate.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import { labelKeys, makeMarks, selectorOf } from "./labels.ts";
import type { MarkContext, ObjectNames, Role } from "./labels.ts";

export interface NetworkPolicy {
  readonly apiVersion: "networking.k8s.io/v1";
  readonly kind: "NetworkPolicy";
  readonly metadata: { readonly name: string } & Partial<ReturnType<typeof makeMarks>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Closes every agent of the namespace in both directions, for as long as there is a namespace. */
export const standingPolicy: NetworkPolicy = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "claude-bottle-agents-closed" },
  spec: { podSelector: { matchLabels: { [labelKeys.role]: "agent" } }, policyTypes: ["Ingress", "Egress"] },
};

/** What an agent may ask of its gate, which listens once more for each host that is not TLS. pipelock is the gate's alone. */
function listPorts({ egress }: BottlePlan): number[] {
  const own = [...gatePorts, gateAskPort].filter((port) => port !== pipelockPort);
  return [...own, ...findTcpPorts(egress.destinations, gatePorts).map(({ port }) => port)];
}

/** The agent reaches its gate, and nobody but the agent does. */
export function makePolicies(
  plan: BottlePlan,
  names: ObjectNames,
  context: MarkContext,
): readonly NetworkPolicy[] {
  const ports = listPorts(plan).map((port) => ({ protocol: "TCP", port }));
  const peer = (role: Role) => [{ podSelector: { matchLabels: selectorOf(plan, role) } }];
  return [
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: names.gatePolicy, ...makeMarks(plan, "gate", context) },
      spec: {
        podSelector: { matchLabels: selectorOf(plan, "gate") },
        policyTypes: ["Ingress"],
        ingress: [{ from: peer("agent"), ports }],
      },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: names.agentPolicy, ...makeMarks(plan, "agent", context) },
      spec: {
        podSelector: { matchLabels: selectorOf(plan, "agent") },
        policyTypes: ["Ingress", "Egress"],
        egress: [{ to: peer("gate"), ports }],
      },
    },
  ];
}
