/** What a doctor can ask of the engine and of its machine. */
import type { Engine } from "../../../engine/engine.ts";
import { readInfo, readVersion } from "../../../engine/system.ts";
import type { CheckResult, DiagnosisRequest } from "../../diagnosis.ts";
import type { Diagnosis } from "../../platform/diagnosis.ts";
import type { DockerOptions } from "../docker-options.ts";
import {
  checkAddresses,
  checkAdvisories,
  checkBuilder,
  checkCounts,
  checkDisk,
  checkEngine,
  checkLimits,
} from "./engine-checks.ts";
import type { Patient } from "./patient.ts";
import { checkRuntime } from "./runtime-check.ts";

interface EngineCheck {
  readonly name: string;
  readonly title: string;
  readonly check: (patient: Patient) => Promise<CheckResult>;
}

const machine: readonly EngineCheck[] = [
  { name: "engine", title: "Engine", check: checkEngine },
  { name: "advisories", title: "Known holes", check: checkAdvisories },
  { name: "limits", title: "Limits", check: checkLimits },
  { name: "counts", title: "Counts", check: checkCounts },
  { name: "disk", title: "Disk", check: checkDisk },
  { name: "addresses", title: "Addresses", check: checkAddresses },
  { name: "builder", title: "Builder", check: checkBuilder },
];

/** Asks nothing yet, and asks for the engine's own words once. */
export function openDiagnosis(
  connect: () => Promise<Engine>,
  options: DockerOptions,
  request: DiagnosisRequest,
): Diagnosis {
  let patient: Promise<Patient> | undefined;
  const meet = () => (patient ??= connect().then((engine) => makePatient(engine, options, request)));
  return {
    look: async () => void (await meet()),
    machine: machine.map(({ name, title, check }) => ({
      name,
      title,
      run: async () => check(await meet()),
    })),
    runtime: {
      name: "runtime",
      title: "Runtime",
      run: async (findImage) => checkRuntime(await meet(), findImage),
    },
  };
}

async function makePatient(
  engine: Engine,
  options: DockerOptions,
  request: DiagnosisRequest,
): Promise<Patient> {
  const [info, version, hostRoutes] = await Promise.all([
    readInfo(engine),
    readVersion(engine),
    options.readHostRoutes(),
  ]);
  const { labels, probeCache, endProcesses } = options;
  return { engine, info, version, request, labels, probeCache, endProcesses, hostRoutes };
}
