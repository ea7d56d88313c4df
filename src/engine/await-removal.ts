/** The end of a removal that somebody else began. */
import { isNotFound } from "./engine-error.ts";
import { queuedTimeoutMs } from "./engine.ts";
import type { Engine } from "./engine.ts";

/** POST /containers/{id}/wait until it is gone; one that is gone already is fine. */
export async function awaitRemoval(engine: Engine, id: string): Promise<void> {
  try {
    await engine.send("POST", `/containers/${id}/wait`, {
      action: `wait for the removal of container "${id}"`,
      query: { condition: "removed" },
      timeoutMs: queuedTimeoutMs,
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
