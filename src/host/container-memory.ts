/** What the kernel of this machine counts for a container. The engine's own answer takes up to a second, until its next sample. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const idPattern = /^[0-9a-f]{64}$/;

interface Hierarchy {
  readonly folder: string;
  readonly usage: string;
  readonly inactive: string;
}

const hierarchies: readonly Hierarchy[] = [
  { folder: "", usage: "memory.current", inactive: "inactive_file" },
  { folder: "memory", usage: "memory.usage_in_bytes", inactive: "total_inactive_file" },
];
/** Where an engine puts its containers by default: with systemd, and without */
const places: readonly ((id: string) => string)[] = [
  (id) => `system.slice/docker-${id}.scope`,
  (id) => `docker/${id}`,
];

/**
 * As `docker stats` counts it: without file pages that the kernel can drop. Undefined where the container is on another machine, or where
 * the engine keeps its groups elsewhere. The engine drew the id by chance, so no other container has it.
 */
export async function readContainerMemory(
  containerId: string,
  root = "/sys/fs/cgroup",
): Promise<number | undefined> {
  if (!idPattern.test(containerId)) return undefined;
  for (const hierarchy of hierarchies) {
    for (const place of places) {
      const bytes = await readGroup(join(root, hierarchy.folder, place(containerId)), hierarchy);
      if (bytes !== undefined) return bytes;
    }
  }
  return undefined;
}

async function readGroup(folder: string, { usage, inactive }: Hierarchy): Promise<number | undefined> {
  try {
    const [used, stat] = await Promise.all([
      readFile(join(folder, usage), "utf8"),
      readFile(join(folder, "memory.stat"), "utf8"),
    ]);
    const total = toBytes(used.trim());
    const cache = toBytes(new RegExp(`^${inactive} (\\d+)$`, "m").exec(stat)?.[1] ?? "0");
    return total === undefined || cache === undefined ? undefined : Math.max(0, total - cache);
  } catch {
    return undefined;
  }
}

function toBytes(text: string): number | undefined {
  return /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}
