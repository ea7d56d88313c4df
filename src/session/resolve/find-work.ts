/** The work that is meant: of a bottle that runs, of one whose work is still kept, or of a session that has ended. */
import type { JournalEntry } from "../../protocol/journal-entry.ts";
import type { Receipt } from "../../protocol/receipt.ts";
import { BottleError } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { listJournal } from "../../host/journal.ts";
import { canAsk } from "../../host/prompt.ts";
import { listLaterRecords, listReceipts } from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import type { World } from "../../host/world.ts";
import { findRecord } from "./find-receipt.ts";
import { findSession } from "./find-session.ts";
import { refuseLater } from "./refuse-later.ts";

export type FoundWork =
  /** In a bottle, or kept on the engine */
  | { readonly state: "here"; readonly entry: JournalEntry; readonly isRunning: boolean }
  /** On this machine */
  | { readonly state: "ended"; readonly receipt: Receipt };

/** A bottle goes before a session that has ended; without a word it is asked for, unless there is only one. */
export async function findWork(world: World, typed: string | undefined): Promise<FoundWork> {
  const word = typed ?? (await chooseWork(world));
  const entries = (await listJournal(stateFolder(world))).filter((entry) => entry.state !== "brought");
  const isHere = entries.some(
    (one) => one.session === word || (word !== "" && one.bottleName.startsWith(word)),
  );
  if (isHere) return { state: "here", ...(await findSession(world, word)) };
  const receipts = await listReceipts(stateFolder(world));
  const isKnown = receipts.some((one) => one.session.startsWith(word) || one.bottleName.startsWith(word));
  if (!isKnown) refuseLater(await listLaterRecords(stateFolder(world)), word);
  // Where nothing is known by the word, what has work is named
  if (word === "" || !isKnown) return { state: "here", ...(await findSession(world, word)) };
  return { state: "ended", receipt: await findRecord(world, word) };
}

async function chooseWork(world: World): Promise<string> {
  const entries = await listJournal(stateFolder(world));
  const holding = entries.filter((entry) => !entry.isProbe && ["running", "kept"].includes(entry.state));
  const [only] = holding;
  if (only && holding.length === 1) return only.session;
  if (!only || !canAsk(world)) throw notNamed(holding.map((entry) => entry.bottleName));
  const { makePrompts } = await import("../../host/prompts.ts");
  return makePrompts(world).choose(
    "Which bottle?",
    holding.map(({ session, bottleName }) => ({ value: session, label: escapeForTerminal(bottleName) })),
  );
}

function notNamed(names: readonly string[]): BottleError {
  return new BottleError({
    code: "usage",
    message: "Cannot tell whose work is meant: none is named",
    details: [
      names.length === 0 ? "No bottle holds work" : `With work: ${names.map(escapeForTerminal).join(", ")}`,
    ],
    hint: names.length === 0 ? 'Name a session of "claude-bottle sessions".' : "Name one of them.",
  });
}
