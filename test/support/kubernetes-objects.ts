/** What objects of a bottle on a cluster are made of, for tests. */
import type { AgentPodRequest } from "../../src/bottle/kubernetes/agent-pod.ts";
import type { GateJobRequest } from "../../src/bottle/kubernetes/gate-job.ts";
import type { MarkContext, ObjectNames } from "../../src/bottle/kubernetes/labels.ts";
import type { BottlePlan } from "../../src/plan/plan.ts";

export const aMarkContext: MarkContext = {
  owner: { bootId: "boot-1", pid: 7, startTime: "8" },
  version: "0.1.0",
};

interface Given {
  readonly plan: BottlePlan;
  readonly names: ObjectNames;
}

export function anAgentPod(given: Given & Partial<AgentPodRequest>): AgentPodRequest {
  return {
    context: aMarkContext,
    image: "registry.test/claude-bottle@sha256:00",
    user: { uid: 1000, gid: 1000 },
    runtimeClass: undefined,
    gate: { address: "10.91.1.5", jobUid: "uid-1" },
    writable: ["/home/node"],
    spec: {
      program: ["/bin/sh", "-c"],
      words: ["sleep 600"],
      env: ["LANG=C.UTF-8"],
      gateNames: ["gate"],
      workFolders: { work: "/home/node/workspace", kept: "/home/node/.claude-bottle/kept" },
      workingDir: "/home/node/workspace",
    },
    ...given,
  };
}

export function aGateJob(given: Given & Partial<GateJobRequest>): GateJobRequest {
  return {
    context: aMarkContext,
    image: "registry.test/claude-bottle@sha256:00",
    filter: undefined,
    longestSeconds: 3600,
    gate: {
      program: [],
      words: ["sleep", "600"],
      env: ["HOME=/run/gate"],
      memoryBytes: 256 * 1024 ** 2,
      pids: 128,
      engineHost: undefined,
      answersNames: false,
      home: "/run/gate",
      authorityFolder: undefined,
    },
    ...given,
  };
}
