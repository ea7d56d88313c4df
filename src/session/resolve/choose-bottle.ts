/** The bottle that is meant where the command line names none: the only one, or one that is picked from a list. */
import type { RunningBottle } from "../../bottle/bottle.ts";
import { BottleError } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { canAsk } from "../../host/prompt.ts";
import { listJournal } from "../../host/journal.ts";
import { stateFolder } from "../../host/state.ts";
import type { App } from "../app.ts";

/** The whole name of what was typed; without it that of a bottle of the user's own, after a question if there are several. */
export async function chooseBottle(app: App, typed: string | undefined): Promise<string> {
  const bottles = await listOwnBottles(app);
  if (typed !== undefined) return findOwn(bottles, typed)?.name ?? typed;
  const [only] = bottles;
  if (only && bottles.length === 1) return only.name;
  const names = bottles.map((bottle) => bottle.name);
  if (bottles.length === 0 || !canAsk(app.world)) throw noBottle(names);
  const { makePrompts } = await import("../../host/prompts.ts");
  return makePrompts(app.world).choose(
    "Which bottle?",
    names.map((name) => ({ value: name, label: escapeForTerminal(name) })),
  );
}

/** Bottles that were started with this home folder; an engine may be shared with other people. */
export async function listOwnBottles(app: App): Promise<readonly RunningBottle[]> {
  const [bottles, entries] = await Promise.all([
    app.openFactory().then((factory) => factory.list()),
    listJournal(stateFolder(app.world)),
  ]);
  const own = new Set(entries.map((entry) => entry.session));
  return bottles.filter((bottle) => own.has(bottle.session));
}

/** The user's own bottle goes before others of the same beginning; undefined if there is not exactly one. */
export function findOwn(own: readonly RunningBottle[], typed: string): RunningBottle | undefined {
  const exact = own.find((bottle) => bottle.name === typed);
  const begun = typed === "" ? [] : own.filter((bottle) => bottle.name.startsWith(typed));
  return exact ?? (begun.length === 1 ? begun[0] : undefined);
}

function noBottle(names: readonly string[]): BottleError {
  return new BottleError({
    code: "usage",
    message: "Cannot tell which bottle is meant: none is named",
    details: [
      names.length === 0 ? "No bottle of yours runs" : `Running: ${names.map(escapeForTerminal).join(", ")}`,
    ],
    hint: names.length === 0 ? 'Start one with "claude-bottle start AGENT".' : "Name one of them.",
  });
}
