/** State on the disk that a later version wrote: all that this one may know of it is that it is there, and what it is called. */
import * as v from "valibot";
import { fitJson } from "./parse.ts";

const laterSchema = v.object({
  schema: v.pipe(v.number(), v.integer(), v.minValue(2)),
  session: v.string(),
  bottleName: v.optional(v.string()),
});

export interface LaterState {
  readonly session: string;
  readonly bottleName?: string | undefined;
}

/** Undefined for a text of this version's form or of none. */
export function parseLaterState(text: string): LaterState | undefined {
  return fitJson(laterSchema, text);
}
