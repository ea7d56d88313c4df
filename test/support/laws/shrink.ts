/** A smaller case that fails in the same way. */
import type { LawCase, Step } from "./case.ts";

/**
 * Leaves out steps, many at once and then one by one, as long as `fails` says that what is left still does. The layout stays. `limit` is
 * how often it is asked at most.
 */
export async function shrink(
  one: LawCase,
  fails: (smaller: LawCase) => Promise<boolean>,
  limit = 60,
): Promise<LawCase> {
  let left = limit;
  let best = one;
  const reduce = async (part: "state" | "work") => {
    const first = part === "state" ? 1 : 0;
    for (let size = best[part].length - first; size >= 1; size = Math.floor(size / 2)) {
      for (let at = best[part].length - size; at >= first && left > 0; at -= size) {
        const smaller = { ...best, [part]: without(best[part], at, size) };
        left -= 1;
        if (await fails(smaller)) best = smaller;
      }
    }
  };
  await reduce("work");
  await reduce("state");
  // What one part needed of the other may be gone by now
  await reduce("work");
  return best;
}

function without(steps: readonly Step[], at: number, size: number): readonly Step[] {
  return [...steps.slice(0, at), ...steps.slice(at + size)];
}
