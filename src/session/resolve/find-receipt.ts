/** From what the user typed to the record of a session. */
import type { Receipt } from "../../protocol/receipt.ts";
import { BottleError } from "../../core/error.ts";
import { escapeForTerminal, quote } from "../../core/text.ts";
import { listLaterRecords, listReceipts } from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import type { World } from "../../host/world.ts";
import { refuseLater } from "./refuse-later.ts";

/** By the session's id or the bottle's name, or the only beginning of one. */
export async function findRecord(world: World, typed: string): Promise<Receipt> {
  const receipts = await listReceipts(stateFolder(world));
  const exact = receipts.find((one) => one.session === typed || one.bottleName === typed);
  const begun =
    typed === ""
      ? []
      : receipts.filter((one) => one.bottleName.startsWith(typed) || one.session.startsWith(typed));
  const found = exact ?? (begun.length === 1 ? begun[0] : undefined);
  if (found) return found;
  refuseLater(await listLaterRecords(stateFolder(world)), typed);
  throw begun.length > 1 ? severalMatch(typed, begun) : noneMatches(typed);
}

/** As many as one reads at a glance */
const mostNamed = 5;

function severalMatch(typed: string, begun: readonly Receipt[]): BottleError {
  const newest = begun.slice(0, mostNamed).map((one) => escapeForTerminal(one.bottleName));
  const rest = begun.length - newest.length;
  return new BottleError({
    code: "usage",
    message: `Cannot tell which session ${quote(typed)} is: ${begun.length} match`,
    details: [`Newest first: ${newest.join(", ")}${rest > 0 ? ` and ${rest} older` : ""}`],
    hint: "Name one of them.",
  });
}

function noneMatches(typed: string): BottleError {
  return new BottleError({
    code: "usage",
    message: `Cannot find session ${quote(typed)}: there is none of that name`,
    hint: 'See "claude-bottle sessions".',
  });
}
