/**
 * What a start with --detach hands to the process that goes on in its place. It travels through a pipe: nothing of it is on a command
 * line, in a file or in an environment that others can read.
 */
import * as v from "valibot";
import { fitJson } from "./parse.ts";

const texts = v.pipe(v.array(v.string()), v.readonly());

const optionFields = {
  agentName: v.string(),
  isDryRun: v.boolean(),
  isJson: v.boolean(),
  isYes: v.boolean(),
  trustsProject: v.boolean(),
  hasWorkspace: v.boolean(),
  /** The workspace may be the home folder */
  allowsHome: v.optional(v.boolean()),
  isVerbose: v.boolean(),
  /** Claude's own record of the session is kept */
  hasTranscript: v.boolean(),
  claudeArguments: texts,
  /** The agent may write to the user's clipboard */
  allowsClipboard: v.exactOptional(v.boolean()),
  /** Session that is taken up again */
  resumes: v.optional(v.string()),
  /** Stands before the session's id in the bottle's name, instead of the agent's */
  name: v.optional(v.string()),
  /** Only errors are told */
  isQuiet: v.exactOptional(v.boolean()),
  /** A value that would have to be asked for is an error, whether or not somebody could be asked */
  asksNothing: v.exactOptional(v.boolean()),
  /** A closed terminal ends nothing, whatever the manifest says */
  keepsRunning: v.exactOptional(v.boolean()),
  /** Ends the session after so long */
  timeoutMs: v.optional(v.number()),
  /** Whether claude gets a terminal of its own; by default if the user has one */
  hasTerminal: v.exactOptional(v.boolean()),
};

/** A field that is not here would be lost on the way: then the whole of it is refused. */
const optionsSchema = v.strictObject(optionFields);

/** What a start is asked for. */
export type StartOptions = Readonly<v.InferOutput<typeof optionsSchema>>;

const handOverSchema = v.object({
  request: optionsSchema,
  session: v.string(),
  /** The user's whole environment: manifest entries copy from it */
  env: v.record(v.string(), v.optional(v.string())),
  answers: v.pipe(v.array(v.object({ name: v.string(), value: v.string() })), v.readonly()),
  /** In the order of the plan's keys; null for one without */
  passphrases: v.pipe(v.array(v.nullable(v.string())), v.readonly()),
  /** Of the plan that was approved */
  digest: v.string(),
  terminal: v.object({
    environment: v.record(v.string(), v.string()),
    columns: v.number(),
    rows: v.number(),
    /** Whose bell is rung; undefined without --notify */
    bell: v.optional(v.string()),
  }),
  notifies: v.boolean(),
});

export type HandOver = Readonly<v.InferOutput<typeof handOverSchema>>;

/** Undefined for a text of any other form, as of another version. */
export function parseHandOver(text: string): HandOver | undefined {
  return fitJson(handOverSchema, text);
}
