/** What a running bottle is doing: claude's own account, its memory, what its sidecar refused. */
import type { IsAlive } from "../../../core/process-owner.ts";
import { runExec } from "../../../engine/exec.ts";
import type { Engine } from "../../../engine/engine.ts";
import { agentNameOf } from "../labels.ts";
import type { Activity, BottleDetails } from "../../sessions.ts";
import { activityPath } from "../../agent/bottle-paths.ts";
import { inTime } from "../../../core/time/within.ts";
import { findBottle } from "./find-bottle.ts";
import { readEgress } from "./read-egress.ts";

/** A bottle that does not answer must not hold a whole list up */
const timeLimitMs = 5_000;
const words: ReadonlySet<string> = new Set<Activity>(["idle", "working", "waiting"]);

/** All three side by side; what fails or takes too long is left open. */
export async function readDetails(engine: Engine, name: string, isAlive: IsAlive): Promise<BottleDetails> {
  const container = agentNameOf(name);
  const [activity, memoryBytes, refused] = await Promise.all([
    ifKnown(readActivity(engine, container)),
    ifKnown(readMemory(engine, container)),
    ifKnown(countRefused(engine, name, isAlive)),
  ]);
  return { activity: activity ?? "unknown", memoryBytes, refused };
}

/**
 * The file is written by hooks of claude and could be by the agent: anything but a known word is unknown, and so is what does not come
 * to an end, as of a pipe in its place.
 */
export async function readActivity(engine: Engine, container: string): Promise<Activity> {
  const signal = AbortSignal.timeout(timeLimitMs);
  try {
    const { exitCode, stdout } = await runExec(engine, container, {
      command: ["head", "-c", "16", activityPath],
      maxOutputBytes: 1024,
      signal,
    });
    if (exitCode !== 0) return "starting";
    const word = stdout.trim();
    return words.has(word) ? (word as Activity) : "unknown";
  } catch (error) {
    if (signal.aborted) return "unknown";
    throw error;
  }
}

interface Stats {
  readonly memory_stats?: {
    readonly usage?: number;
    /** cgroup v2 */
    readonly stats?: { readonly inactive_file?: number; readonly total_inactive_file?: number };
  };
}

/** As `docker stats` counts it: without file pages that the kernel can drop. */
async function readMemory(engine: Engine, container: string): Promise<number | undefined> {
  const { memory_stats: memory } = await engine.json<Stats>("GET", `/containers/${container}/stats`, {
    action: `read the memory of "${container}"`,
    query: { stream: false, "one-shot": true },
  });
  if (memory?.usage === undefined) return undefined;
  const cache = memory.stats?.total_inactive_file ?? memory.stats?.inactive_file ?? 0;
  return Math.max(0, memory.usage - cache);
}

async function countRefused(engine: Engine, name: string, isAlive: IsAlive): Promise<number> {
  const pairs = new Set<string>();
  const found = await findBottle(engine, name, isAlive);
  for await (const one of readEgress(engine, found, false, AbortSignal.timeout(timeLimitMs))) {
    if (one.verdict === "refused" && one.host !== undefined) pairs.add(`${one.host}:${one.port ?? ""}`);
  }
  return pairs.size;
}

function ifKnown<T>(work: Promise<T>): Promise<T | undefined> {
  return inTime(
    timeLimitMs,
    work.catch(() => undefined),
  );
}
