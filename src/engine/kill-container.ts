/** Ending a container that stays, so that its log can still be read. */
import { isConflict, isNotFound } from "./engine-error.ts";
import { queuedTimeoutMs } from "./engine.ts";
import type { Engine } from "./engine.ts";

/** POST /containers/{id}/kill; one that has ended or is gone is fine. Resolves when it has ended by SIGKILL, or has got the signal. */
export async function killContainer(
  engine: Engine,
  id: string,
  signal: "SIGKILL" | "SIGTERM" = "SIGKILL",
): Promise<void> {
  try {
    await engine.send("POST", `/containers/${id}/kill`, {
      action: `kill container "${id}"`,
      query: { signal },
      timeoutMs: queuedTimeoutMs,
    });
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
