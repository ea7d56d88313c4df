/** The part of a manifest that limits what a bottle, or a service beside its agent, may use. */
import * as v from "valibot";
import { parseMemory } from "./memory.ts";
import { textThat } from "./text-that.ts";
import { must } from "./rule.ts";

interface Limits {
  /** Bytes of memory; undefined for what an agent needs at least */
  readonly smallest?: number;
  /** Defaults, as they are told */
  readonly memory: string;
  /** Another amount, for an example */
  readonly other: string;
  readonly pids: number;
  readonly leastPids: number;
}

/** An amount such as `512m`, of at least so many bytes; by default of as many as an agent needs */
export const memoryText = (smallest?: number) =>
  textThat((value) => {
    const parsed = parseMemory(value, smallest);
    return parsed.ok ? undefined : parsed.problem;
  });

export function limitsSchema({ smallest, memory, other, pids, leastPids }: Limits) {
  return v.strictObject({
    memory: v.optional(
      v.pipe(
        memoryText(smallest),
        v.description(`Memory, such as ${JSON.stringify(memory)} (the default) or ${JSON.stringify(other)}`),
      ),
    ),
    cpus: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0.1, must("be at least 0.1")),
        v.maxValue(1024, must("be at most 1024")),
        v.description("How many CPUs; all by default"),
      ),
    ),
    pids: v.optional(
      v.pipe(
        v.number(),
        v.integer(must("be a whole number")),
        v.minValue(leastPids, must(`be at least ${leastPids}`)),
        v.maxValue(4_194_304, "is too large"),
        v.description(`Processes and threads; ${pids} by default`),
      ),
    ),
  });
}

/** Further keys of a bottle. */
export const limitsEntries = {
  limits: v.optional(limitsSchema({ memory: "4g", other: "512m", pids: 2048, leastPids: 64 })),
} as const;
