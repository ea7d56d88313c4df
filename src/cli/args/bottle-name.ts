/** The name that a user gives a bottle. The session's id follows it, so that two of one name cannot meet. */
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";

/** The name as it will be shown; undefined if none was given. Throws for what would be changed on the way. */
export function readName(text: string | undefined): string | undefined {
  if (text === undefined || /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(text)) return text;
  throw new BottleError({
    code: "usage",
    message: `Cannot name a bottle ${quote(text)}: a name holds lower case letters, digits and hyphens, 40 at most`,
    hint: "Write --name=review.",
  });
}
