/** What is left after a fault: looked at until nothing is, or until it has taken too long. */
import type { Scene } from "./remains.ts";
import { countContainers, findRemains } from "./remains.ts";

export interface End {
  /** From the blow until agent, gate and pipelock were gone */
  readonly bottleMs: number;
  /** Until what brings work back was gone as well */
  readonly allMs: number;
  /** What stayed, one line each */
  readonly leftovers: readonly string[];
}

const pauseMs = 100;

/**
 * `next` is called once, as soon as no process of the session is there any more and yet something else is: what a user would do next.
 * Without it all must go by itself. Times are counted from `since`.
 */
export async function watchEnd(
  scene: Scene,
  since: number,
  limitMs: number,
  next?: () => Promise<void>,
): Promise<End> {
  let bottleMs = 0;
  let allMs = 0;
  let isNext = next !== undefined;
  let leftovers: readonly string[] = [];
  do {
    const now = performance.now() - since;
    try {
      const { bottle, others } = await countContainers(scene);
      if (bottle > 0) bottleMs = now;
      if (bottle + others > 0) allMs = now;
      if (bottle + others === 0 || isNext) {
        leftovers = await findRemains(scene);
        if (leftovers.length === 0) break;
        if (isNext && !leftovers.some((line) => line.startsWith("process"))) {
          isNext = false;
          await next?.();
        }
      } else leftovers = ["containers"];
    } catch {
      // The engine is away; what is left is told once it is back
      leftovers = ["an engine that does not answer"];
    }
    await Bun.sleep(pauseMs);
  } while (performance.now() - since < limitMs);
  if (leftovers.length > 0) leftovers = await findRemains(scene).catch(() => leftovers);
  return { bottleMs, allMs, leftovers };
}
