/** Runs every check of the Docker platform, one after the other: later ones use what earlier ones have fixed. */
import { BottleError, messageOf } from "../../../core/error.ts";
import { escapeForTerminal } from "../../../core/text.ts";
import type { Engine } from "../../../engine/engine.ts";
import { readInfo, readVersion } from "../../../engine/system.ts";
import type { Bottles } from "../../bottles.ts";
import type { CheckResult, Diagnosing, DiagnosisRequest } from "../../diagnosis.ts";
import type { DockerOptions } from "../docker-options.ts";
import { checkFilter, checkImage, checkIsolation, checkLeftovers, checkRuntime } from "./bottle-checks.ts";
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

interface Check {
  readonly name: string;
  readonly title: string;
  readonly run: (patient: Patient) => Promise<CheckResult>;
}

/** In the order of the output; leftovers go before the isolation check makes objects of its own */
const checks: readonly Check[] = [
  { name: "engine", title: "Engine", run: checkEngine },
  { name: "advisories", title: "Known holes", run: checkAdvisories },
  { name: "limits", title: "Limits", run: checkLimits },
  { name: "counts", title: "Counts", run: checkCounts },
  { name: "disk", title: "Disk", run: checkDisk },
  { name: "addresses", title: "Addresses", run: checkAddresses },
  { name: "builder", title: "Builder", run: checkBuilder },
  { name: "leftovers", title: "Leftovers", run: checkLeftovers },
  { name: "image", title: "Image", run: checkImage },
  { name: "pipelock", title: "Filter", run: checkFilter },
  { name: "runtime", title: "Runtime", run: checkRuntime },
  { name: "isolation", title: "Isolation", run: checkIsolation },
];

/** The part of the contract that looks at the machine. */
export function makeDiagnosing(
  connect: () => Promise<Engine>,
  options: DockerOptions,
  verify: Bottles["verify"],
): Diagnosing {
  return {
    async diagnose(request) {
      try {
        return await examine(await makePatient(await connect(), request, options, verify));
      } catch (error) {
        // A signal ends the command; it is no finding
        if (request.signal.aborted) throw error;
        return withoutEngine(error);
      }
    },
  };
}

async function makePatient(
  engine: Engine,
  request: DiagnosisRequest,
  { image, labels, probeCache, isAlive, readHostRoutes, endProcesses }: DockerOptions,
  verify: Bottles["verify"],
): Promise<Patient> {
  const [info, version, hostRoutes] = await Promise.all([
    readInfo(engine),
    readVersion(engine),
    readHostRoutes(),
  ]);
  return {
    engine,
    info,
    version,
    request,
    image,
    labels,
    probeCache,
    endProcesses,
    isAlive,
    hostRoutes,
    verify,
  };
}

async function examine(patient: Patient): Promise<CheckResult[]> {
  const { progress, signal } = patient.request;
  const results: CheckResult[] = [];
  for (const { name, title, run } of checks) {
    progress.step(`Looking at: ${title}`);
    try {
      results.push(await run(patient));
    } catch (error) {
      if (signal.aborted) throw error;
      results.push({ name, title, ...describeFailure(error) });
    }
  }
  progress.done();
  return results;
}

/** Nothing else can be looked at, and saying that of each is better than leaving it out. */
function withoutEngine(error: unknown): CheckResult[] {
  return checks.map(({ name, title }): CheckResult => {
    if (name === "engine") return { name, title, ...describeFailure(error) };
    return { name, title, verdict: "skipped", detail: "needs an engine" };
  });
}

function describeFailure(error: unknown): Pick<CheckResult, "verdict" | "detail" | "lines" | "remedy"> {
  const lines = error instanceof BottleError ? error.details.map(escapeForTerminal) : [];
  return {
    verdict: "broken",
    detail: escapeForTerminal(messageOf(error)),
    lines,
    remedy:
      error instanceof BottleError
        ? error.hint
        : 'Run "claude-bottle doctor --verbose" and report what it prints.',
  };
}
