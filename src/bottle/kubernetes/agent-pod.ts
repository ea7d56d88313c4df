/** How the agent's Pod is asked of a cluster. */
import type { BottlePlan } from "../../plan/plan.ts";
import type { AgentSpec } from "../platform/ground.ts";
import { renderProgram, renderVariables } from "./container-words.ts";
import { makeMarks, selectorOf } from "./labels.ts";
import type { MarkContext, ObjectNames } from "./labels.ts";
import { diskFolder, hardenedContainer, hardenPod, limitTo, memoryFolder } from "./pod-hardening.ts";
import type { PodUser } from "./pod-hardening.ts";

export interface AgentPodRequest {
  readonly plan: BottlePlan;
  readonly spec: AgentSpec;
  readonly names: ObjectNames;
  readonly context: MarkContext;
  /** By its digest */
  readonly image: string;
  readonly user: PodUser;
  readonly runtimeClass: string | undefined;
  readonly gate: {
    readonly address: string;
    /** Of the Job: when that is gone, the agent goes */
    readonly jobUid: string;
  };
  /** Folders of the image that a program may write to, beside those of the work */
  readonly writable: readonly string[];
}

const agentContainer = "agent";

/** On the gate's node, since what the two say to each other is not encrypted. */
export function makeAgentPod(request: AgentPodRequest) {
  const { plan, spec, names, context, gate, user, runtimeClass } = request;
  const { volumes, volumeMounts } = makeFolders(request);
  const jobOf = { apiVersion: "batch/v1", kind: "Job", name: names.gate, uid: gate.jobUid };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: names.agent,
      ...makeMarks(plan, "agent", context),
      ownerReferences: [{ ...jobOf, blockOwnerDeletion: false }],
    },
    spec: {
      ...hardenPod({
        user,
        runtimeClass,
        names: [{ ip: gate.address, hostnames: spec.gateNames }],
        looksUpNames: false,
      }),
      hostname: plan.bottleName.slice(0, 63).replace(/-+$/, ""),
      affinity: {
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            {
              labelSelector: { matchLabels: selectorOf(plan, "gate") },
              topologyKey: "kubernetes.io/hostname",
            },
          ],
        },
      },
      volumes,
      containers: [{ ...makeContainer(request), volumeMounts }],
    },
  };
}

function makeContainer({ plan, spec, image }: AgentPodRequest) {
  return {
    name: agentContainer,
    image,
    ...hardenedContainer,
    ...renderProgram(spec.program, spec.words),
    ...renderVariables(spec.env),
    workingDir: spec.workingDir,
    // What its terminal shows would be on the node's disk: it has none of the cluster's, and says nothing on these streams
    stdin: false,
    tty: false,
    ...limitTo(plan.limits),
  };
}

function makeFolders({ spec, writable }: AgentPodRequest) {
  // Those around others first
  const folders = [...writable, spec.workFolders.work, spec.workFolders.kept];
  const nameOf = (index: number) => `folder-${index}`;
  return {
    volumes: [
      ...folders.map((_, index) => diskFolder(nameOf(index), "32Gi")),
      memoryFolder("temporary", "1Gi"),
    ],
    volumeMounts: [
      ...folders.map((mountPath, index) => ({ name: nameOf(index), mountPath })),
      { name: "temporary", mountPath: "/tmp" },
    ],
  };
}
