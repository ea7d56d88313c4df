/** Trying again what can be done twice, and what the API says it has not begun. */
import { setTimeout } from "node:timers/promises";
import { ApiError } from "./api-error.ts";

/** DELETE is one of them since its callers take "there is no such object" as done */
const repeatable: ReadonlySet<string> = new Set(["GET", "DELETE"]);
const pausesMs = [200, 1_000, 3_000];
/** A server can ask for more, and is not believed */
const longestMs = 30_000;

/** Does `attempt`, and again after a pause if it failed in a way that may pass. What creates is sent again only after a 429. */
export async function withRetries<T>(
  method: string,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
  wait: typeof setTimeout = setTimeout,
): Promise<T> {
  for (const pause of pausesMs) {
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(method, error)) throw error;
      const { retryAfterMs = 0 } = error;
      const milliseconds = Math.min(longestMs, Math.max(pause, retryAfterMs));
      await wait(milliseconds, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
    }
  }
  return attempt();
}

/** 429 is said before anything was done. Waiting in vain is not tried twice, and neither is a place where nobody is. */
function isPassing(method: string, error: unknown): error is ApiError {
  if (!(error instanceof ApiError)) return false;
  if (error.status === 429) return true;
  if (!repeatable.has(method)) return false;
  if (error.transport) return error.transport === "closed";
  return error.status !== undefined && error.status >= 500 && error.status !== 501;
}
