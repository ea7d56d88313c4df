/** How far the collector is, told often enough for a bar and never so often that telling is what takes the time. */
import { writeSync } from "node:fs";
import type { CollectSection, WorkProgress } from "../../protocol/collect.ts";

const pauseMs = 200;
/** Looking at the clock is not free either */
const filesPerLook = 256;

/** Tells what begins. No section may be under way: what is told stands between two. */
export function tellStage(stage: WorkProgress["stage"]): void {
  write({ stage, done: 0, whole: 0 });
}

/** To be called once for each of `whole` files. */
export function meterFiles(whole: number): () => void {
  let done = 0;
  let toldAt = Date.now();
  return () => {
    done += 1;
    if (done % filesPerLook !== 0 || Date.now() - toldAt < pauseMs) return;
    toldAt = Date.now();
    write({ stage: "compare", done, whole });
  };
}

/** At once, since comparing leaves no moment for anything that waits. */
function write(progress: WorkProgress): void {
  const section: CollectSection = { section: "progress", ...progress, bytes: 0 };
  try {
    writeSync(1, `${JSON.stringify(section)}\n`);
  } catch {
    // A launcher that is slow to read misses a word about how far this is, and nothing else
  }
}
