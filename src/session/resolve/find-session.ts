/** From what the user typed to a session whose bottle runs or whose work is kept. */
import type { JournalEntry } from "../../protocol/journal-entry.ts";
import { BottleError } from "../../core/error.ts";
import { escapeForTerminal, quote, suggest } from "../../core/text.ts";
import { listJournal, listLaterJournal } from "../../host/journal.ts";
import { isProcessAlive } from "../../host/process-identity.ts";
import { stateFolder } from "../../host/state.ts";
import { refuseLater } from "./refuse-later.ts";
import type { World } from "../../host/world.ts";

export interface FoundSession {
  readonly entry: JournalEntry;
  /** Its launcher lives */
  readonly isRunning: boolean;
}

/** By the bottle's name, the session's id, or the beginning of a name. Throws with what there is. */
export async function findSession(world: World, typed: string): Promise<FoundSession> {
  const entries = await listJournal(stateFolder(world));
  const exact = entries.find((one) => one.bottleName === typed || one.session === typed);
  const begun = typed === "" ? [] : entries.filter((one) => one.bottleName.startsWith(typed));
  const entry = exact ?? (begun.length === 1 ? begun[0] : undefined);
  if (entry) return { entry, isRunning: entry.state === "running" && (await isProcessAlive(entry.owner)) };
  refuseLater(await listLaterJournal(stateFolder(world)), typed);
  const names = entries.map((one) => one.bottleName);
  const nearest = suggest(typed, names);
  throw new BottleError({
    code: "usage",
    message:
      begun.length > 1
        ? `Cannot tell which bottle ${quote(typed)} is: ${begun.length} names match`
        : `Cannot find bottle ${quote(typed)}: no bottle of that name holds work`,
    details: [
      names.length === 0 ? "No bottle holds work" : `With work: ${names.map(escapeForTerminal).join(", ")}`,
    ],
    hint: nearest ? `Did you mean ${quote(nearest)}?` : 'See "claude-bottle sessions" for what was pulled.',
  });
}
