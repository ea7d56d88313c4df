/** What a later version has begun or kept is there, and it is not for this one. */
import { madeByLater } from "../../bottle/later-version.ts";
import type { LaterState } from "../../protocol/later-state.ts";

/** Throws if one of them is meant, by its session's id or by its name or the beginning of one. */
export function refuseLater(later: readonly LaterState[], typed: string): void {
  const found = later.find(
    ({ session, bottleName }) => session === typed || (typed !== "" && bottleName?.startsWith(typed)),
  );
  if (found) throw madeByLater(found.bottleName ?? found.session);
}
