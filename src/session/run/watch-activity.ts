/** Notices when claude begins to wait for somebody. */
import type { Activity } from "../../bottle/sessions.ts";

/**
 * Gives what is to be called whenever claude's output has ended for a moment. Only then the bottle is asked, and only a change from
 * something else to waiting is told.
 */
export function watchActivity(read: () => Promise<Activity>, onWaiting: () => Promise<void>): () => void {
  let last: Activity = "starting";
  let isReading = false;
  const look = async () => {
    const activity = await read();
    const begins = activity === "waiting" && last !== "waiting";
    last = activity;
    if (begins) await onWaiting();
  };
  return () => {
    if (isReading) return;
    isReading = true;
    look()
      .catch(() => undefined)
      .finally(() => (isReading = false));
  };
}
