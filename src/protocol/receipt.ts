/** The receipt of a session, as its record has it. One that a later version wrote has another `schema`. */
import * as v from "valibot";
import { secretUseSchema } from "./egress-record.ts";
import { memoryNoteSchema } from "./memory-note.ts";
import { fitJson } from "./parse.ts";

const texts = v.pipe(v.array(v.string()), v.readonly());

const refSchema = v.object({
  /** `refs/bottles/k3f9q2/heads/main` */
  ref: v.string(),
  id: v.string(),
  /** That were not there before */
  commits: v.number(),
  /** Repository below the workspace; empty for the workspace itself */
  repository: v.string(),
  /** Name in the bottle, such as `heads/a b`, if it could not be kept */
  renamedFrom: v.exactOptional(v.string()),
});

export type BroughtRef = Readonly<v.InferOutput<typeof refSchema>>;

const leftOutputSchema = v.object({
  path: v.string(),
  bytes: v.number(),
  /** There is more than was counted */
  isMore: v.boolean(),
});

/** A file or a folder that git ignores, made in the bottle and not brought back. */
export type LeftOutput = Readonly<v.InferOutput<typeof leftOutputSchema>>;

const receiptFields = {
  schema: v.literal(1),
  session: v.string(),
  bottleName: v.string(),
  agent: v.string(),
  bottle: v.string(),
  policyDigest: v.string(),
  image: v.string(),
  versions: v.object({ claudeBottle: v.string(), claude: v.string(), engine: v.string() }),
  runtime: v.string(),
  workspace: v.optional(v.string()),
  /** What was checked out of each repository as it went in; missing in records of before, and without a repository */
  startedFrom: v.exactOptional(
    v.pipe(
      v.array(v.pipe(v.object({ repository: v.string(), head: v.string() }), v.readonly())),
      v.readonly(),
    ),
  ),
  /** Names of the secrets that the session was given */
  secrets: texts,
  /** Where those went that the sidecar holds; missing until the session has ended, and in records of before */
  ledger: v.exactOptional(v.pipe(v.array(secretUseSchema), v.readonly())),
  /** ISO 8601 */
  startedAt: v.string(),
  endedAt: v.optional(v.string()),
  /** `lost`: its launcher died, and how claude ended is not known */
  end: v.picklist(["running", "ended", "lost"]),
  /** Of one that runs: all of it is stopped. Missing in records of before */
  isFrozen: v.exactOptional(v.boolean()),
  exitCode: v.optional(v.number()),
  note: v.optional(v.string()),
  /** `host:port` pairs */
  reached: texts,
  refused: texts,
  broughtBack: v.pipe(v.array(refSchema), v.readonly()),
  /** Files in the record's folder */
  files: texts,
  /** What the agent made of Claude's own memory of the project; missing where it is not carried */
  memory: v.exactOptional(memoryNoteSchema),
  /** What was made in ignored places and went with the bottle; missing in records of before */
  leftOutput: v.exactOptional(v.pipe(v.array(leftOutputSchema), v.readonly())),
  /** Claude's own id of the session, for --resume */
  claudeSession: v.optional(v.string()),
  /** Why some of the work is still where it was */
  problems: texts,
};

const receiptSchema = v.object(receiptFields);

export type Receipt = Readonly<v.InferOutput<typeof receiptSchema>>;

/** Undefined for a text that is none, or a later version's. What only a later version knows is kept for it. */
export function parseReceipt(text: string): Receipt | undefined {
  return fitJson(v.looseObject(receiptFields), text);
}
