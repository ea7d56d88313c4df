/** From what the user typed to one of the bottles that run. */
import { BottleError } from "../core/error.ts";
import { escapeForTerminal, quote, suggest } from "../core/text.ts";
import type { RunningBottle } from "./bottle.ts";

/** The whole name goes before a beginning; two that begin so are none. */
export function pickBottle<T extends Pick<RunningBottle, "name">>(bottles: readonly T[], typed: string): T {
  const exact = bottles.find((one) => one.name === typed);
  if (exact) return exact;
  const begun = typed === "" ? [] : bottles.filter((one) => one.name.startsWith(typed));
  const [only] = begun;
  if (only && begun.length === 1) return only;
  const names = (begun.length > 1 ? begun : bottles).map((one) => one.name);
  const nearest = suggest(typed, names);
  throw new BottleError({
    code: "usage",
    message:
      begun.length > 1
        ? `Cannot tell which bottle ${quote(typed)} is: ${begun.length} names match`
        : `Cannot find bottle ${quote(typed)}: no running bottle has that name`,
    details: [
      names.length === 0 ? "No bottle is running" : `Running: ${names.map(escapeForTerminal).join(", ")}`,
    ],
    hint:
      begun.length === 0 && nearest
        ? `Did you mean ${quote(nearest)}?`
        : 'Write a unique prefix of the name; "claude-bottle list" shows them.',
  });
}
