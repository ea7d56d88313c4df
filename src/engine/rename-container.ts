/** Another name for a container: POST /containers/{id}/rename. */
import { queuedTimeoutMs } from "./engine.ts";
import type { Engine } from "./engine.ts";

/** One that starts at this moment is waited for. The engine lets one of two that ask at the same moment have it. */
export async function renameContainer(engine: Engine, id: string, name: string): Promise<void> {
  await engine.send("POST", `/containers/${id}/rename`, {
    action: `rename container "${id}"`,
    query: { name },
    timeoutMs: queuedTimeoutMs,
  });
}
