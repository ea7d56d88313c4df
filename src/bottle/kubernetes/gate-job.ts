/**
 * How the gate, with the filter beside it, is asked of a cluster: as a Job, whose end the cluster itself notices. The gate ends with the
 * stream that its launcher holds open, the Job with the gate, and with the Job whatever belongs to it.
 */
import type { BottlePlan } from "../../plan/plan.ts";
import type { FilterSpec, GateSpec } from "../platform/ground.ts";
import { renderProgram, renderVariables } from "./container-words.ts";
import { makeMarks } from "./labels.ts";
import type { MarkContext, ObjectNames } from "./labels.ts";
import { hardenedContainer, hardenPod, limitTo, memoryFolder, nobody } from "./pod-hardening.ts";

export interface GateJobRequest {
  readonly plan: BottlePlan;
  readonly gate: GateSpec;
  /** Undefined for a gate that works alone */
  readonly filter: FilterSpec | undefined;
  readonly names: ObjectNames;
  readonly context: MarkContext;
  /** By its digest */
  readonly image: string;
  /** The last wall: nothing of a bottle is there for longer, whoever is gone */
  readonly longestSeconds: number;
}

const gateContainer = "gate";
const filterContainer = "filter";

/** After its end, for whoever reads its log */
const keptSeconds = 3;

export function makeGateJob({ plan, gate, filter, names, context, image, longestSeconds }: GateJobRequest) {
  const marks = makeMarks(plan, "gate", context);
  const authority = gate.authorityFolder;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: names.gate, ...marks },
    spec: {
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      ttlSecondsAfterFinished: keptSeconds,
      activeDeadlineSeconds: longestSeconds,
      template: {
        metadata: marks,
        spec: {
          ...hardenPod({ user: nobody, runtimeClass: undefined, names: [], looksUpNames: true }),
          volumes: [
            memoryFolder("home", "1Mi"),
            ...(authority === undefined ? [] : [memoryFolder("authority", "1Mi")]),
            ...(filter ? [memoryFolder("configuration", "1Mi")] : []),
          ],
          containers: [
            {
              name: gateContainer,
              image,
              ...hardenedContainer,
              ...renderProgram(gate.program, gate.words),
              ...renderVariables(gate.env),
              workingDir: "/",
              // The first who joins is its launcher; when that stream ends, so does its input, and nobody else can open it again
              stdin: true,
              stdinOnce: true,
              tty: false,
              ...limitTo(gate),
              volumeMounts: [
                { name: "home", mountPath: gate.home },
                ...(authority === undefined ? [] : [{ name: "authority", mountPath: authority }]),
              ],
            },
            ...(filter ? [makeFilter(filter)] : []),
          ],
        },
      },
    },
  };
}

/** In the gate's own network, on its loopback. */
function makeFilter(filter: FilterSpec) {
  const authority = filter.authorityFolder;
  return {
    name: filterContainer,
    image: filter.image,
    ...hardenedContainer,
    ...renderProgram(filter.program, filter.words),
    ...renderVariables(filter.env),
    ...limitTo(filter),
    volumeMounts: [
      { name: "configuration", mountPath: filter.configurationFolder, readOnly: true },
      ...(authority === undefined ? [] : [{ name: "authority", mountPath: authority, readOnly: true }]),
    ],
  };
}
