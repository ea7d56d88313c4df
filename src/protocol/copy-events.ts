/** What a copier that receives says, one JSON line each on stdout. Whoever runs in the bottle can say it in its place. */
import * as v from "valibot";
import { fit } from "./parse.ts";

const eventSchema = v.variant("event", [
  v.object({ event: v.literal("ready") }),
  /** Nothing more is taken */
  v.object({ event: v.literal("failed"), reason: v.string() }),
  /** A byte string: a character a byte */
  v.object({ event: v.literal("problem"), name: v.string(), reason: v.string() }),
  v.object({ event: v.literal("done") }),
]);

export type CopyEvent = Readonly<v.InferOutput<typeof eventSchema>>;

/** Undefined for anything else. */
export function parseCopyEvent(value: unknown): CopyEvent | undefined {
  return fit(eventSchema, value);
}
