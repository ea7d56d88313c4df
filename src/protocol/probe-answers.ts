/** What probe and canary answer, one JSON line each on stdout. One that runs in a bottle is read as hostile. */
import * as v from "valibot";
import { fit } from "./parse.ts";

const probeSchema = v.object({
  event: v.literal("answer"),
  name: v.string(),
  /** One line: what came back, or the error's code */
  outcome: v.string(),
});

export type ProbeAnswer = Readonly<v.InferOutput<typeof probeSchema>>;

/** Undefined for anything else. */
export function parseProbeAnswer(value: unknown): ProbeAnswer | undefined {
  return fit(probeSchema, value);
}

const canarySchema = v.variant("event", [
  v.object({
    event: v.literal("listening"),
    port: v.number(),
    addresses: v.pipe(v.array(v.string()), v.readonly()),
    dns: v.boolean(),
    /** False where it may have no datagrams, as in a bottle */
    udp: v.boolean(),
  }),
  /** Somebody was heard; `text` begins with the token or the asked name */
  v.object({
    event: v.literal("hit"),
    kind: v.picklist(["tcp", "udp", "dns"]),
    from: v.string(),
    text: v.string(),
  }),
]);

export type CanaryEvent = Readonly<v.InferOutput<typeof canarySchema>>;

/** Undefined for anything else. */
export function parseCanaryEvent(value: unknown): CanaryEvent | undefined {
  return fit(canarySchema, value);
}
