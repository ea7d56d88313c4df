/** The part of a manifest that limits what a bottle may use. */
import * as v from "valibot";
import { parseMemory } from "./memory.ts";
import { textThat } from "./text-that.ts";
import { must } from "./rule.ts";

/** Further keys of a bottle. */
export const limitsEntries = {
  limits: v.optional(
    v.strictObject({
      memory: v.optional(
        v.pipe(
          textThat((value) => {
            const parsed = parseMemory(value);
            return parsed.ok ? undefined : parsed.problem;
          }),
          v.description('Memory, such as "4g" (the default) or "512m"'),
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
          v.minValue(64, must("be at least 64")),
          v.maxValue(4_194_304, "is too large"),
          v.description("Processes and threads; 2048 by default"),
        ),
      ),
    }),
  ),
} as const;
