/** A building block of the schema. */
import * as v from "valibot";
import type { Rule } from "./rule.ts";

/** A string whose problem is found by a function; `undefined` means fine. */
export function textThat(find: (value: string) => Rule | undefined) {
  return v.pipe(
    v.string(),
    v.rawCheck(({ dataset, addIssue }) => {
      const problem = dataset.typed ? find(dataset.value) : undefined;
      if (problem !== undefined) addIssue({ message: problem });
    }),
  );
}
