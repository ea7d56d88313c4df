/** Runs every check, of the platform and of what bottles are made of, one after the other: later ones use what earlier ones have fixed. */
import { BottleError, messageOf } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import type { Bottles } from "../bottles.ts";
import type { CheckResult, Diagnosing, DiagnosisRequest } from "../diagnosis.ts";
import type { ImageSettings } from "../image/image.ts";
import type { Diagnosis } from "../platform/diagnosis.ts";
import type { Platform } from "../platform/platform.ts";
import { checkFilter, checkImage, checkIsolation, checkLeftovers, findUsableImage } from "./bottle-checks.ts";
import type { Patient } from "./bottle-checks.ts";

interface Check {
  readonly name: string;
  readonly title: string;
  readonly run: () => Promise<CheckResult>;
}

/** The part of the contract that looks at the machine. */
export function makeDiagnosing(
  platform: Pick<Platform, "openDiagnosis" | "images" | "leftovers">,
  settings: ImageSettings,
  verify: Bottles["verify"],
): Diagnosing {
  return {
    async diagnose(request) {
      const diagnosis = platform.openDiagnosis(request);
      const checks = listChecks(diagnosis, { platform, settings, request, verify });
      try {
        await diagnosis.look();
        return await examine(checks, request);
      } catch (error) {
        // A signal ends the command; it is no finding
        if (request.signal.aborted) throw error;
        return withoutEngine(checks, error);
      }
    },
  };
}

/** In the order of the output; leftovers go before the isolation check makes objects of its own. */
function listChecks({ machine, runtime }: Diagnosis, patient: Patient): Check[] {
  const findImage = () => findUsableImage(patient);
  return [
    ...machine,
    { name: "leftovers", title: "Leftovers", run: () => checkLeftovers(patient) },
    { name: "image", title: "Image", run: () => checkImage(patient) },
    { name: "pipelock", title: "Filter", run: () => checkFilter(patient) },
    { ...runtime, run: () => runtime.run(findImage) },
    { name: "isolation", title: "Isolation", run: () => checkIsolation(patient) },
  ];
}

async function examine(
  checks: readonly Check[],
  { progress, signal }: DiagnosisRequest,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { name, title, run } of checks) {
    progress.step(`Looking at: ${title}`);
    try {
      results.push(await run());
    } catch (error) {
      if (signal.aborted) throw error;
      results.push({ name, title, ...describeFailure(error) });
    }
  }
  progress.done();
  return results;
}

/** Nothing else can be looked at, and saying that of each is better than leaving it out. */
function withoutEngine(checks: readonly Check[], error: unknown): CheckResult[] {
  return checks.map(({ name, title }, index): CheckResult => {
    if (index === 0) return { name, title, ...describeFailure(error) };
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
