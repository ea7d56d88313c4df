/** One thing that happened at a bottle's only way out, as commands show it and a session's record keeps it, a line each. */
import * as v from "valibot";
import type { SecretNote, SecretUse } from "../core/secret-ledger.ts";
import { fitJson } from "./parse.ts";

const use = {
  name: v.string(),
  host: v.string(),
  verdict: v.picklist(["used", "blocked", "returned"]),
  where: v.optional(v.string()),
  count: v.number(),
  first: v.string(),
};

export const secretUseSchema: v.GenericSchema<unknown, SecretUse> = v.object({ ...use, last: v.string() });
const secretNoteSchema: v.GenericSchema<unknown, SecretNote> = v.object({ ...use, time: v.string() });

const recordSchema = v.object({
  /** ISO 8601, of the engine's clock */
  time: v.string(),
  source: v.picklist(["gate", "pipelock"]),
  kind: v.picklist([
    "attempt",
    "closed",
    "api",
    "policy",
    "filter",
    "blocked",
    "note",
    "secret",
    "ask",
    "freeze",
    "trap",
    "bound",
  ]),
  verdict: v.optional(v.picklist(["allowed", "refused"])),
  host: v.optional(v.string()),
  port: v.optional(v.number()),
  /** A stable word: the gate's code, or pipelock's scanner */
  code: v.optional(v.string()),
  reason: v.optional(v.string()),
  /** Who asked, by its own word */
  by: v.optional(v.string()),
  /** Of a request in an opened tunnel that a rule decided on, without its query; hostile */
  request: v.optional(v.string()),
  /** For `policy`: the rules that are in force for the pair from then on; none if it is allowed whole */
  rules: v.optional(v.pipe(v.array(v.string()), v.readonly())),
  /** For `ask`: what is to be spoken there, if that is not TLS */
  protocol: v.optional(v.picklist(["http", "tcp"])),
  sentBytes: v.optional(v.number()),
  receivedBytes: v.optional(v.number()),
  durationMs: v.optional(v.number()),
  /** For `secret`: what `makeLedger` makes the ledger of */
  secret: v.optional(secretNoteSchema),
});

/** Texts are hostile until escaped, and free of credentials. */
export type EgressRecord = Readonly<v.InferOutput<typeof recordSchema>>;

/** Undefined for a text that is none, or of a kind that only a later version knows. */
export function parseEgressRecord(text: string): EgressRecord | undefined {
  return fitJson(recordSchema, text);
}
