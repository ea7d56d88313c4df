/** All processes of a container held by the kernel, and let go. */
import { EngineError } from "./engine-error.ts";
import { queuedTimeoutMs } from "./engine.ts";
import type { Engine } from "./engine.ts";

/** POST /containers/{id}/pause: nothing in it runs any more; one that is paused is fine. */
export function pauseContainer(engine: Engine, id: string): Promise<void> {
  return sendUnless(engine, id, "pause", "is already paused");
}

/** POST /containers/{id}/unpause; one that is not paused is fine. */
export function unpauseContainer(engine: Engine, id: string): Promise<void> {
  return sendUnless(engine, id, "unpause", "is not paused");
}

/** `fine`: what the engine says of one that is so already. */
async function sendUnless(
  engine: Engine,
  id: string,
  verb: "pause" | "unpause",
  fine: string,
): Promise<void> {
  try {
    const action = `${verb} container "${id}"`;
    await engine.send("POST", `/containers/${id}/${verb}`, { action, timeoutMs: queuedTimeoutMs });
  } catch (error) {
    if (!(error instanceof EngineError) || !error.state.includes(fine)) throw error;
  }
}
