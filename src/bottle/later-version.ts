/** What a later version has made: it may hold what this one does not know, so this one leaves it alone. */
import { BottleError } from "../core/error.ts";
import { quote } from "../core/text.ts";

/** `name`: of a bottle or a session. `version`: as it says, which anybody may have written; undefined where it does not say. */
export function madeByLater(name: string, version?: string): BottleError {
  const which = version === undefined ? "" : ` (${quote(version, 40)})`;
  return new BottleError({
    code: "input",
    message: `Cannot use ${quote(name)}: a later version of claude-bottle made it${which}`,
    hint: "Use that version for it. Nothing was changed.",
  });
}
