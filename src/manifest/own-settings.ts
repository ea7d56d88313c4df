/** The user's own settings: what no manifest may choose, because it says by what a bottle is made and guarded. */
import * as v from "valibot";
import { BottleError } from "../core/error.ts";
import { countOf } from "../core/text.ts";
import { findSchemaProblems } from "./schema-issues.ts";
import { parseSource, renderPlace, renderProblems } from "./source-tree.ts";

/** What a setting may be, by its key. */
export interface KnownSettings {
  readonly filter: readonly string[];
  readonly platform: readonly string[];
}

/** A setting with its place. */
export interface OwnSetting {
  readonly value: string;
  /** `~/.config/claude-bottle/settings.jsonc:2:3` */
  readonly place: string;
}

/** Keys that the file does not have are not here. */
export type OwnSettings = Partial<Record<keyof KnownSettings, OwnSetting>>;

const keys = ["filter", "platform"] as const;

/** The file's shape. */
export function makeSettingsSchema(known: KnownSettings) {
  return v.strictObject({
    $schema: v.optional(v.pipe(v.string(), v.description("Where an editor finds this schema"))),
    filter: v.optional(v.pipe(v.picklist(known.filter), v.description("The release of pipelock"))),
    platform: v.optional(v.pipe(v.picklist(known.platform), v.description("What bottles run on"))),
  });
}

/** Throws one `BottleError` whose details are all problems as `file:line:column  key problem`, in the order of their places. */
export function parseOwnSettings(text: string, shownPath: string, known: KnownSettings): OwnSettings {
  const source = parseSource(text.replace(/^\ufeff/, ""));
  const found = source.value === undefined ? [] : findSchemaProblems(source, makeSettingsSchema(known));
  const problems = [...source.problems, ...found];
  if (problems.length > 0)
    throw new BottleError({
      code: "usage",
      message: `Cannot use your settings: ${countOf(problems.length, "problem")}`,
      details: renderProblems(source, shownPath, problems),
      hint: "Fix these places, or remove the file.",
    });
  const values = source.value as Partial<Record<keyof KnownSettings, string>>;
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = values[key];
      return value === undefined
        ? []
        : [[key, { value, place: renderPlace(source, shownPath, source.keyOffsetOf([key])) }]];
    }),
  );
}
