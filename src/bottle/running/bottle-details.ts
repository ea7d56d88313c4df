/** What a running bottle is doing: claude's own account, its memory, what its sidecar refused. */
import { inTime } from "../../core/time/within.ts";
import { activityPath } from "../agent/bottle-paths.ts";
import { readNetwork } from "../egress/read-network.ts";
import type { Part } from "../platform/part.ts";
import type { Parts, Running } from "../platform/running.ts";
import type { Activity, BottleDetails } from "../sessions.ts";

/** A bottle that does not answer must not hold a whole list up */
const timeLimitMs = 5_000;
const words: ReadonlySet<string> = new Set<Activity>(["idle", "working", "waiting"]);

/** All three side by side; what fails or takes too long is left open. */
export async function readDetails(platform: Running, session: string): Promise<BottleDetails> {
  const parts = platform.findParts(session);
  const known = <T>(read: (parts: Parts) => Promise<T>) => ifKnown(parts.then(read));
  const [activity, memoryBytes, network] = await Promise.all([
    known(async ({ agent }) => agent && readActivity(agent)),
    known(async ({ agent }) => agent?.readMemory()),
    known(readNetworkOf),
  ]);
  const { refused, asks, isFrozen } = network ?? {};
  return { activity: activity ?? "unknown", memoryBytes, refused, asks, isFrozen };
}

/**
 * The file is written by hooks of claude and could be by the agent: anything but a known word is unknown, and so is what does not come
 * to an end, as of a pipe in its place.
 */
export async function readActivity(agent: Part): Promise<Activity> {
  const signal = AbortSignal.timeout(timeLimitMs);
  try {
    const { exitCode, stdout } = await agent.run({
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

/** Of a sidecar that runs: what one that is broken has refused is not all that is. */
async function readNetworkOf({
  gate,
  pipelock,
}: Parts): Promise<Pick<BottleDetails, "refused" | "asks" | "isFrozen"> | undefined> {
  return gate?.isRunning ? readNetwork({ gate, pipelock }, AbortSignal.timeout(timeLimitMs)) : undefined;
}

function ifKnown<T>(work: Promise<T>): Promise<T | undefined> {
  return inTime(
    timeLimitMs,
    work.catch(() => undefined),
  );
}
