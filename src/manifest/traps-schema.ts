/** The part of a manifest that plants made-up credentials. */
import * as v from "valibot";
import { canaryKinds } from "../core/canaries.ts";

/** Further keys of a bottle. */
export const trapsEntries = {
  canaries: v.optional(
    v.pipe(
      v.array(v.picklist(canaryKinds)),
      v.check((kinds) => new Set(kinds).size === kinds.length, "lists a kind twice"),
      v.description(
        "Made-up credentials, new for each session, where thieves look: if one is about to leave, the bottle is frozen",
      ),
    ),
  ),
} as const;
