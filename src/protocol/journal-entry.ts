/**
 * A session that may have left something on an engine, as the journal has it: what another process needs to undo it and to bring its work
 * back if the launcher cannot. Earlier versions wrote the same; one that a later version wrote has another `schema`.
 */
import * as v from "valibot";
import { fitJson } from "./parse.ts";
import { memoryFilesSchema } from "./memory-note.ts";
import { processOwnerSchema } from "./process-owner.ts";

const texts = v.pipe(v.array(v.string()), v.readonly());

const repositorySchema = v.object({
  path: v.string(),
  objectFormat: v.picklist(["sha1", "sha256"]),
  head: v.string(),
  tips: texts,
});

const entryFields = {
  schema: v.literal(1),
  session: v.string(),
  bottleName: v.string(),
  agent: v.string(),
  owner: processOwnerSchema,
  /** Variables that lead to the engine; no credential is among them */
  environment: v.record(v.string(), v.string()),
  /** Undefined without a workspace */
  workspace: v.optional(
    v.object({
      directory: v.string(),
      repositories: v.pipe(v.array(repositorySchema), v.readonly()),
      /** Patterns of ignored files that come back */
      bring: v.exactOptional(texts),
    }),
  ),
  hasTranscript: v.boolean(),
  /** What went in of Claude's own memory of the project, which comes back to be looked at; missing where it is not carried */
  memory: v.exactOptional(v.object({ wentIn: memoryFilesSchema })),
  /** What went in is noted in the bottle; earlier versions, in whose entries this is missing, noted nothing there */
  hasWentIn: v.exactOptional(v.boolean()),
  /** A bottle that `verify` or `doctor` starts for itself; nobody works in it */
  isProbe: v.exactOptional(v.boolean()),
  /**
   * `starting`: claude has not run yet. `brought`: its work is on the host, and all that is left may go. `kept`: bringing back failed,
   * and only the user says when to try again
   */
  state: v.picklist(["starting", "running", "brought", "kept"]),
  /** Why it is kept */
  problem: v.exactOptional(v.string()),
  /** ISO 8601 */
  startedAt: v.string(),
};

const entrySchema = v.object(entryFields);

export type JournalEntry = Readonly<v.InferOutput<typeof entrySchema>>;

/** Undefined for a text that is none, or a later version's. What only a later version knows is kept for it. */
export function parseJournalEntry(text: string): JournalEntry | undefined {
  return fitJson(v.looseObject(entryFields), text);
}
