/** Outcome of one try of a runtime, as it is remembered between runs. */
import * as v from "valibot";
import { fit } from "./parse.ts";

const resultSchema = v.object({
  starts: v.boolean(),
  /** Why not, as the engine said it */
  problem: v.exactOptional(v.string()),
});

export type ProbeResult = Readonly<v.InferOutput<typeof resultSchema>>;

/** Undefined for anything else: then it is tried again. */
export function parseProbeResult(value: unknown): ProbeResult | undefined {
  return fit(resultSchema, value);
}
