/** Trying again what can be done twice: an engine under load drops connections and answers 500 to what it does a moment later. */
import { setTimeout } from "node:timers/promises";
import { EngineError } from "./engine-error.ts";

/** DELETE is one of them since its callers take "there is no such object" as done */
const repeatable: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE"]);
const pausesMs = [150, 600];

/** Does `attempt`, and again after a pause if it failed in a way that may pass. A create is never sent twice: the first may have come through. */
export async function withRetries<T>(
  method: string,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  for (const pause of repeatable.has(method) ? pausesMs : []) {
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(error)) throw error;
      await setTimeout(pause, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
    }
  }
  return attempt();
}

/** A connection that broke, or an engine's own trouble. Waiting in vain is not tried twice, and neither is a place where nobody is. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof EngineError)) return false;
  if (error.isTransport) return error.reason === "closed";
  return error.status === undefined || (error.status >= 500 && error.status !== 501);
}
