/** Many faults, some side by side. */
import { chooseFaults, describeFault } from "./faults.ts";
import type { Fault, FaultChoice } from "./faults.ts";
import type { StageContext } from "./stage.ts";
import { isSound } from "./table.ts";
import { countCalls, runTrial } from "./trial.ts";
import type { Outcome } from "./trial.ts";

export interface ChaosRun extends Pick<FaultChoice, "count" | "blows" | "random"> {
  readonly jobs: number;
  /** Ends it after the faults that are being dealt, so that nothing of them stays */
  readonly signal?: AbortSignal;
  /** Told of each fault */
  readonly onOutcome: (line: string, outcome: Outcome) => void;
}

/** A session takes some requests fewer now and then, and a fault behind its end comes a little earlier instead */
const earlier = 5;
const tries = 4;

/** Counts the requests of a session, chooses faults by them, and deals them all. */
export async function runChaos(context: StageContext, run: ChaosRun): Promise<Outcome[]> {
  const { length: calls } = await countCalls(context);
  const faults = chooseFaults({ calls, ...run });
  const outcomes: Outcome[] = [];
  let next = 0;
  const work = async () => {
    for (let fault = faults[next++]; fault && !run.signal?.aborted; fault = faults[next++]) {
      const outcome = await deal(context, fault);
      outcomes.push(outcome);
      run.onOutcome(describeOutcome(outcome), outcome);
    }
  };
  await Promise.all(Array.from({ length: run.jobs }, work));
  return outcomes;
}

async function deal(context: StageContext, fault: Fault): Promise<Outcome> {
  const { moment } = fault;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const now =
      moment.at === "call" ? { ...moment, call: Math.max(1, moment.call - attempt * earlier) } : moment;
    const outcome = await runTrial(context, { ...fault, moment: now });
    if (outcome) return outcome;
  }
  throw new Error(`Cannot deal a fault: ${describeFault(fault, undefined)} never came`);
}

function describeOutcome(outcome: Outcome): string {
  const { fault, call, bottleMs, allMs, leftovers, damage, isWorkBack, exitCode } = outcome;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const work = isWorkBack === undefined ? "" : isWorkBack ? ", work back" : ", WORK LOST";
  const words = `${describeFault(fault, call)}: exit ${exitCode ?? "none"}, no bottle after ${seconds(bottleMs)}, no container after ${seconds(allMs)}${work}`;
  const wrong = [
    ...leftovers.map((line) => `left: ${line}`),
    ...(damage === undefined ? [] : [`terminal: ${damage}`]),
  ];
  return [`${isSound(outcome) ? "ok    " : "FAILED"} ${words}`, ...wrong].join("\n       ");
}
