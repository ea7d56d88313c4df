/** Keeps asking pipelock whether it still runs what it must. While it does not answer so, nothing passes. */
import type { Emit } from "./events.ts";
import { messageOfFailure } from "./failure.ts";
import { askPipelock } from "./pipelock-health.ts";

const pauseMs = 3_000;
/** A filter that comes back should not keep an agent waiting */
const pauseWhileLostMs = 100;
/** A filter that is busy may miss an answer; one that misses three hangs */
const silencesUntilLost = 3;

export interface FilterWatch {
  /** False while pipelock is not what it must be */
  isHealthy(): boolean;
  /** Told by whoever found nobody at its port; believed at once */
  reportLoss(problem: string): void;
}

export interface FilterWatchOptions {
  readonly port: number;
  readonly emit: Emit;
  /** Resolves after so many milliseconds */
  readonly pause?: (milliseconds: number) => Promise<void>;
}

/** Begins to watch a pipelock that has been verified; changes are reported as `filter` events. */
export function watchFilter({ port, emit, pause = sleep }: FilterWatchOptions): FilterWatch {
  let isHealthy = true;
  let silences = 0;
  const lose = (problem: string) => {
    if (!isHealthy) return;
    isHealthy = false;
    emit({ event: "filter", state: "lost", problem });
  };
  const ask = async () => {
    const answer = await askPipelock(port).then(
      () => ({ kind: "fine" as const }),
      (error: unknown) => ({ kind: "problem" as const, error }),
    );
    if (answer.kind === "fine") {
      silences = 0;
      if (!isHealthy) emit({ event: "filter", state: "healthy" });
      isHealthy = true;
      return;
    }
    const isSilence = (answer.error as Error).message === "timed out";
    silences = isSilence ? silences + 1 : silencesUntilLost;
    if (silences >= silencesUntilLost) lose(isSilence ? "it hangs" : messageOfFailure(answer.error));
  };
  const follow = async () => {
    for (;;) {
      await pause(isHealthy ? pauseMs : pauseWhileLostMs);
      await ask();
    }
  };
  // Its failures are all answers; what else is thrown is a bug and ends the gate
  void follow();
  return { isHealthy: () => isHealthy, reportLoss: lose };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
