/** The memory of a running container. */
import type { Engine } from "../../engine/engine.ts";

interface Stats {
  readonly memory_stats?: {
    readonly usage?: number;
    /** cgroup v2 */
    readonly stats?: { readonly inactive_file?: number; readonly total_inactive_file?: number };
  };
}

/** As `docker stats` counts it: without file pages that the kernel can drop. */
export async function readMemory(engine: Engine, container: string): Promise<number | undefined> {
  const { memory_stats: memory } = await engine.json<Stats>("GET", `/containers/${container}/stats`, {
    action: `read the memory of "${container}"`,
    query: { stream: false, "one-shot": true },
  });
  if (memory?.usage === undefined) return undefined;
  const cache = memory.stats?.total_inactive_file ?? memory.stats?.inactive_file ?? 0;
  return Math.max(0, memory.usage - cache);
}
