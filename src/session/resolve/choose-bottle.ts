/** The bottle that is meant where the command line names none: the only one, or one that is picked from a list. */
import type { RunningBottle } from "../../bottle/bottle.ts";
import { pickBottle } from "../../bottle/pick-bottle.ts";
import { BottleError } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { canAsk } from "../../host/prompt.ts";
import { listJournal } from "../../host/journal.ts";
import { stateFolder } from "../../host/state.ts";
import type { App } from "../app.ts";

/** What was typed, by the whole name or a unique prefix; without it a bottle of the user's own, after a question if there are several. */
export async function chooseBottle(app: App, typed: string | undefined): Promise<RunningBottle> {
  const { shown, own } = await listShown(app);
  if (typed !== undefined) return findOwn(own, typed) ?? pickBottle(shown, typed);
  const [only] = own;
  if (only && own.length === 1) return only;
  const names = own.map((bottle) => bottle.name);
  if (own.length === 0 || !canAsk(app.world)) throw noBottle(names);
  const { makePrompts } = await import("../../host/prompts.ts");
  const name = makePrompts(app.world).choose(
    "Which bottle?",
    names.map((one) => ({ value: one, label: escapeForTerminal(one) })),
  );
  return pickBottle(own, name);
}

/** Bottles that were started with this home folder; an engine may be shared with other people. */
export async function listOwnBottles(app: App): Promise<readonly RunningBottle[]> {
  return (await listShown(app)).own;
}

/** All but those that a command of this home folder starts for itself, and of them the user's own. */
export async function listShown(
  app: App,
): Promise<{ readonly shown: readonly RunningBottle[]; readonly own: readonly RunningBottle[] }> {
  const [running, entries] = await Promise.all([
    app.openBottles().then((bottles) => bottles.list()),
    listJournal(stateFolder(app.world)),
  ]);
  const bySession = new Map(entries.map((entry) => [entry.session, entry]));
  const shown = running.filter((bottle) => !bySession.get(bottle.session)?.isProbe);
  return { shown, own: shown.filter((bottle) => bySession.has(bottle.session)) };
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
      names.length === 0
        ? "You have no running bottles"
        : `Running: ${names.map(escapeForTerminal).join(", ")}`,
    ],
    hint: names.length === 0 ? 'Start one with "claude-bottle start AGENT".' : "Name one of them.",
  });
}
