/** What the view shows at a moment: all that is known, what the filters leave of it, and what is chosen. */
import type { InboxRow } from "./inbox.ts";
import { statusOf } from "./watched.ts";
import type { WatchedBottle } from "./watched.ts";

/** What somebody is asked, or types */
export type Mode =
  | { readonly kind: "look" | "help" | "stop" }
  | { readonly kind: "prompt" | "port" | "filter"; readonly text: string };

export interface WatchState {
  readonly bottles: readonly WatchedBottle[];
  /** Of the chosen bottle */
  readonly inbox: readonly InboxRow[];
  /** Last lines that its claude drew */
  readonly screen: readonly string[];
  /** Session of the chosen bottle */
  readonly chosen: string | undefined;
  /** Of the inbox; its pair, so that rows that come and go do not move it */
  readonly pair: string | undefined;
  readonly focus: "bottles" | "network";
  /** What the rows of each list must contain; empty for all of them */
  readonly filters: Readonly<Record<"bottles" | "network", string>>;
  readonly mode: Mode;
  /** What the last thing that was done came to; hostile */
  readonly message: string;
  /** The change that `u` takes back, and of which `r` tells claude if it was an allow */
  readonly last: LastChange | undefined;
}

interface LastChange {
  readonly bottle: string;
  readonly session: string;
  readonly what: string;
  readonly isAllow: boolean;
  readonly isSaved: boolean;
}

export const firstState: WatchState = {
  bottles: [],
  inbox: [],
  screen: [],
  chosen: undefined,
  pair: undefined,
  focus: "bottles",
  filters: { bottles: "", network: "" },
  mode: { kind: "look" },
  message: "",
  last: undefined,
};

export const pairOf = ({ host, port }: Pick<InboxRow, "host" | "port">) => `${host}:${port}`;

/** Those that the filter leaves: by name, agent, folder or status. */
export function shownBottles({ bottles, filters }: WatchState): readonly WatchedBottle[] {
  return bottles.filter((one) =>
    contains([one.name, one.agent, one.workspace, statusOf(one)], filters.bottles),
  );
}

/** Those that the filter leaves: by host, kind or reason. */
export function shownRows({ inbox, filters }: WatchState): readonly InboxRow[] {
  return inbox.filter((one) => contains([pairOf(one), one.kind, one.reason], filters.network));
}

function contains(texts: readonly (string | undefined)[], wanted: string): boolean {
  return texts.some((text) => text?.toLowerCase().includes(wanted.toLowerCase()));
}

/** The chosen bottle, or the first where that one is gone or filtered out. */
export function chosenBottle(state: WatchState): WatchedBottle | undefined {
  const bottles = shownBottles(state);
  return bottles.find((one) => one.session === state.chosen) ?? bottles[0];
}

/** The chosen row, or the first. */
export function chosenRow(state: WatchState): InboxRow | undefined {
  const rows = shownRows(state);
  return rows.find((one) => pairOf(one) === state.pair) ?? rows[0];
}
