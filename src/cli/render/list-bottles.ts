/** Running bottles with what is known about each, as `list` shows them. */
import type { RunningBottle } from "../../bottle/bottle.ts";
import type { BottleDetails } from "../../bottle/sessions.ts";
import { countOf, escapeForTerminal, renderBytes } from "../../core/text.ts";
import { listJournal } from "../../host/journal.ts";
import { stateFolder } from "../../host/state.ts";
import { shortenPath } from "../../host/world.ts";
import type { World } from "../../host/world.ts";
import { renderAge } from "./age.ts";
import type { App } from "../../session/app.ts";

export interface ListedBottle extends RunningBottle, Partial<BottleDetails> {
  /** Absolute folder on this machine; undefined without one, and for bottles of others */
  readonly workspace: string | undefined;
}

/** All at once. Only the user's own bottles are looked into; an engine may be shared. */
export async function listWithDetails(app: App): Promise<readonly ListedBottle[]> {
  const bottles = await app.openBottles();
  const [running, entries] = await Promise.all([bottles.list(), listJournal(stateFolder(app.world))]);
  const own = new Map(entries.map((entry) => [entry.session, entry]));
  const shown = running.filter((bottle) => !own.get(bottle.session)?.isProbe);
  return Promise.all(
    shown.map(async (bottle) => {
      const entry = own.get(bottle.session);
      const isSeen = entry !== undefined && ["running", "paused"].includes(bottle.state);
      const details = isSeen ? await bottles.readDetails(bottle.session) : {};
      return { ...bottle, ...details, workspace: entry?.workspace?.directory };
    }),
  );
}

export const listHead = [
  "NAME",
  "AGENT",
  "STATUS",
  "AGE",
  "MEMORY",
  "BLOCKED",
  "RUNTIME",
  "WORKSPACE",
] as const;

/** One row below `listHead`. */
export function renderListed(bottle: ListedBottle, world: World, now: number): string[] {
  const { refused, memoryBytes, workspace } = bottle;
  const cells = [
    bottle.name,
    bottle.agent,
    renderStatus(bottle),
    renderAge(bottle.createdAt, now),
    memoryBytes === undefined ? "" : renderBytes(memoryBytes),
    refused === undefined ? "" : String(refused),
    bottle.runtime,
    workspace === undefined ? "" : shortenPath(workspace, world),
  ];
  return cells.map(escapeForTerminal);
}

function renderStatus({ activity, state, isOwned, isFrozen, asks = [] }: ListedBottle): string {
  if (!isOwned) return `${state}, left over`;
  if (isFrozen) return "frozen";
  if (asks.length > 0) return `asks for ${countOf(asks.length, "host")}`;
  // The engine's word for a container that was made and has not run yet
  if (state === "created") return "starting";
  if (activity === undefined || activity === "unknown") return state;
  return activity === "waiting" ? "waiting for input" : activity;
}
