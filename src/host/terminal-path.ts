/** Where this process's terminal is. Apart from `terminal.ts`, which every command would load with its filter for this alone. */
import { readlinkSync } from "node:fs";
import type { World } from "./world.ts";

/** Path of the terminal that this process talks to, by which another process finds it. Undefined without one, or without /proc. */
export function findTerminalPath(world: Pick<World, "stdin" | "stdout" | "stderr">): string | undefined {
  const streams = [
    [world.stderr, 2],
    [world.stdout, 1],
    [world.stdin, 0],
  ] as const;
  const descriptor = streams.find(([stream]) => stream.isTTY === true)?.[1];
  if (descriptor === undefined) return undefined;
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return undefined;
  }
}
