/** What is noted of Claude's own memory of a project: what went into a bottle, and what an agent made of it. */
import * as v from "valibot";

const texts = v.pipe(v.array(v.string()), v.readonly());

export const memoryFilesSchema = v.pipe(
  v.array(
    v.pipe(
      v.object({
        path: v.string(),
        /** SHA-256, hexadecimal */
        digest: v.string(),
      }),
      v.readonly(),
    ),
  ),
  v.readonly(),
);

export type MemoryFiles = v.InferOutput<typeof memoryFilesSchema>;

/** Paths below the memory's folder. */
export const memoryNoteSchema = v.object({
  wentIn: memoryFilesSchema,
  /** New and changed, with their text in the record's `memory/` */
  changed: texts,
  removed: texts,
  /** Why something is not there, a sentence each; hostile when printed */
  refused: texts,
});

export type MemoryNote = Readonly<v.InferOutput<typeof memoryNoteSchema>>;
