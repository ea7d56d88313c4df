import { describe, expect, test } from "bun:test";
import { makeAgentPod } from "../../../../src/bottle/kubernetes/agent-pod.ts";
import { makeGateJob } from "../../../../src/bottle/kubernetes/gate-job.ts";
import { makeMarks, makeNames } from "../../../../src/bottle/kubernetes/labels.ts";
import { makePolicies, standingPolicy } from "../../../../src/bottle/kubernetes/policies.ts";
import type { Destination } from "../../../../src/plan/egress-plan.ts";
import { anAgentPod, aGateJob, aMarkContext } from "../../../support/kubernetes-objects.ts";
import { aPlan } from "../../../support/manifests.ts";

const plan = aPlan();
const names = makeNames(plan);
const isName = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

describe("names and labels", () => {
  test("fit into what a cluster takes, however long the agent's name is", () => {
    for (const slug of ["helper", "a".repeat(80), `${"b".repeat(27)}-c`, "x"]) {
      const made = makeNames({ bottleName: `${slug}-k3f9q2`, session: "k3f9q2" });
      for (const name of Object.values(made)) {
        expect(name).toMatch(isName);
        expect(name).toContain("k3f9q2");
        // A Job's Pod has six more
        expect(name.length).toBeLessThanOrEqual(57);
      }
    }
  });

  test("what may be anything is in annotations, and labels are plain", () => {
    const odd = aPlan({ agent: { ...plan.agent, name: "an agent: ü" } });
    const { labels, annotations } = makeMarks(odd, "agent", aMarkContext);
    expect(Object.values(annotations)).toContain("an agent: ü");
    for (const value of Object.values(labels))
      expect(value).toMatch(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/);
  });
});

describe("policies", () => {
  test("the standing one closes agents of every session in both directions, and opens nothing", () => {
    expect(standingPolicy.spec).toEqual({
      podSelector: { matchLabels: { "claude-bottle.role": "agent" } },
      policyTypes: ["Ingress", "Egress"],
    });
  });

  test("those of a bottle open the gate's ports between the two of one session, and nothing else", () => {
    const [into, out] = makePolicies(plan, names, aMarkContext);
    const of = (role: string) => ({
      podSelector: {
        matchLabels: {
          "claude-bottle.schema": "1",
          "claude-bottle.session": "k3f9q2",
          "claude-bottle.role": role,
        },
      },
    });
    const ports = [8888, 8080, 8890, 8891].map((port) => ({ protocol: "TCP", port }));
    expect(out?.spec).toEqual({
      ...of("agent"),
      policyTypes: ["Ingress", "Egress"],
      egress: [{ to: [of("gate")], ports }],
    });
    expect(into?.spec).toEqual({
      ...of("gate"),
      policyTypes: ["Ingress"],
      ingress: [{ from: [of("agent")], ports }],
    });
  });

  test("a host that is not TLS has its own port at the gate; the filter has none", () => {
    const destinations = [{ host: "db.example", port: 5432, protocol: "tcp" } as Destination];
    const [into] = makePolicies(aPlan({ egress: { ...plan.egress, destinations } }), names, aMarkContext);
    const text = JSON.stringify(into?.spec["ingress"]);
    expect(text).toContain("5432");
    expect(text).not.toContain("8889");
  });
});

describe("Pods", () => {
  const pods = [
    ["agent", makeAgentPod(anAgentPod({ plan, names })).spec],
    ["gate", makeGateJob(aGateJob({ plan, names })).spec.template.spec],
  ] as const;

  test.each(pods)(
    "of the %s have what the restricted standard asks for, and nothing of the cluster",
    (_role, spec) => {
      expect(spec).toMatchObject({
        restartPolicy: "Never",
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        hostNetwork: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      });
      for (const container of spec.containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
        expect(container.resources.limits.memory).toMatch(/^\d+$/);
      }
    },
  );

  test("the agent's goes with its gate, is beside it, asks nobody for names, and says nothing that a node would keep", () => {
    const { metadata, spec } = makeAgentPod(anAgentPod({ plan, names, runtimeClass: "gvisor" }));
    expect(metadata.ownerReferences).toMatchObject([{ kind: "Job", name: names.gate, uid: "uid-1" }]);
    expect(spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution).toMatchObject([
      {
        labelSelector: { matchLabels: { "claude-bottle.role": "gate" } },
        topologyKey: "kubernetes.io/hostname",
      },
    ]);
    expect(spec).toMatchObject({
      dnsPolicy: "None",
      runtimeClassName: "gvisor",
      hostAliases: [{ ip: "10.91.1.5", hostnames: ["gate"] }],
      containers: [{ tty: false, stdin: false }],
    });
  });

  test("the gate ends with the stream of its launcher, is not started again, and does not outlive the last wall", () => {
    const { spec } = makeGateJob(aGateJob({ plan, names }));
    expect(spec).toMatchObject({ backoffLimit: 0, ttlSecondsAfterFinished: 3, activeDeadlineSeconds: 3600 });
    expect(spec.template.spec.containers).toMatchObject([{ name: "gate", stdin: true, stdinOnce: true }]);
  });

  test("a dollar sign in a word or a value stays one", () => {
    const request = anAgentPod({ plan, names });
    const spec = { ...request.spec, program: undefined, words: ["echo $(HOME) $$"], env: ["PRICE=$(X)=1"] };
    const [container] = makeAgentPod({ ...request, spec }).spec.containers;
    expect(container).toMatchObject({
      args: ["echo $$(HOME) $$$$"],
      env: [{ name: "PRICE", value: "$$(X)=1" }],
    });
  });

  test("a program of no words takes the place of the image's own", () => {
    const request = aGateJob({ plan, names });
    const gate = { ...request.gate, program: [], words: ["node", "x"] };
    const [container] = makeGateJob({ ...request, gate }).spec.template.spec.containers;
    expect(container).toMatchObject({ command: ["node", "x"] });
    expect(container).not.toHaveProperty("args");
  });
});
