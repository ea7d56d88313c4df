/** An engine that went away may come back: a daemon is restarted by an update, or by whoever looks after the machine. */
import type { Bottles } from "../../bottle/bottles.ts";
import { setTimeout } from "node:timers/promises";

/** An orderly restart takes up to 14 s to end, and some to begin */
export const engineWaitMs = 30_000;
const pauseMs = 250;

export interface EngineWait {
  readonly limitMs: number;
  /** Called once if it does not answer at first */
  readonly onAway: () => void;
  /** Ends the waiting */
  readonly stopped?: (() => Promise<void>) | undefined;
}

/** `here`: it answered at once. `gone`: it did not come back in time, or nobody wants to wait any longer */
export type EngineState = "here" | "back" | "gone";

export async function awaitEngine(
  bottles: Pick<Bottles, "isReachable">,
  { limitMs, onAway, stopped }: EngineWait,
): Promise<EngineState> {
  if (await bottles.isReachable()) return "here";
  onAway();
  const end = new AbortController();
  const stop = stopped?.().then(() => end.abort());
  for (const giveUpAt = performance.now() + limitMs; performance.now() < giveUpAt;) {
    await Promise.race([setTimeout(pauseMs), ...(stop ? [stop] : [])]);
    if (end.signal.aborted) break;
    if (await bottles.isReachable()) return "back";
  }
  return "gone";
}
