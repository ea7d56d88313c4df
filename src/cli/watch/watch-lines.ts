/** The view as lines of coloured pieces for a screen of a size, with nothing in them that a terminal would obey. */
import { escapeForTerminal, foldText, renderBytes } from "../../core/text.ts";
import { renderAge } from "../render/age.ts";
import type { InboxRow } from "./inbox.ts";
import { renderCounts, renderSoFar, statusOf } from "./watched.ts";
import type { Status, WatchedBottle } from "./watched.ts";
import { chosenBottle, chosenRow, pairOf, shownBottles, shownRows } from "./watch-model.ts";
import type { WatchState } from "./watch-model.ts";

export interface Piece {
  readonly text: string;
  readonly color?: "red" | "green" | "yellow" | "cyan" | undefined;
  readonly isBold?: boolean;
  readonly isDim?: boolean;
}

export type Line = readonly Piece[];

export interface ViewLines {
  readonly head: Line;
  readonly bottles: readonly Line[];
  readonly network: readonly Line[];
  readonly screen: readonly Line[];
  readonly foot: readonly Line[];
}

export interface ViewOptions {
  readonly columns: number;
  readonly rows: number;
  /** Milliseconds since 1970, of the engine's clock */
  readonly now: number;
  readonly shortenPath: (path: string) => string;
}

const icons: Readonly<Record<Status, readonly [string, Piece["color"], string]>> = {
  frozen: ["■", "red", "frozen"],
  asks: ["?", "yellow", "asks"],
  waiting: ["●", "yellow", "waiting"],
  working: ["◐", "cyan", "working"],
  idle: ["○", undefined, "idle"],
  starting: ["○", undefined, "starting"],
  running: ["○", undefined, "running"],
  ended: ["■", undefined, "ended"],
  "left over": ["!", "red", "left over"],
};

const plain = (text: string): Piece => ({ text: escapeForTerminal(text) });

/** A third of the screen for the bottles, the rest for the chosen one. */
export function renderView(state: WatchState, options: ViewOptions): ViewLines {
  const foot = renderFoot(state, options);
  const most = Math.max(1, Math.floor((options.rows - foot.length) / 3));
  return {
    head: [
      { text: ` BOTTLES  ${renderCounts(state.bottles)}`, isBold: true },
      ...renderFilters(state),
      { text: "   ?=help", isDim: true },
    ],
    bottles: renderBottles(state, most, options),
    network: renderInbox(state, Math.max(10, options.columns)),
    // A terminal shows both as the same gap
    screen: state.screen.map((line) => [plain(line.replaceAll("\u00a0", " "))]),
    foot,
  };
}

function renderBottles(state: WatchState, most: number, options: ViewOptions): Line[] {
  const chosen = chosenBottle(state);
  const bottles = shownBottles(state);
  const at = Math.max(
    0,
    bottles.findIndex((one) => one === chosen),
  );
  const first = Math.max(0, Math.min(at - most + 1, bottles.length - most));
  const shown = bottles.slice(first, first + most);
  const width = Math.max(...shown.map((one) => one.name.length), 4);
  if (shown.length === 0) {
    const text = state.bottles.length === 0 ? " No bottle is running." : " The filter leaves no bottle.";
    return [[{ text, isDim: true }]];
  }
  return shown.map((one) => renderBottle(one, { isChosen: one === chosen, width, ...options }));
}

function renderBottle(
  bottle: WatchedBottle,
  { isChosen, width, columns, now, shortenPath }: ViewOptions & { isChosen: boolean; width: number },
): Line {
  const status = statusOf(bottle);
  const [icon, color, word] = icons[status];
  const asks = bottle.asks?.length ?? 0;
  const { refused, memoryBytes, workspace } = bottle;
  const cells = [
    renderAge(bottle.createdAt, now).padStart(3),
    renderSoFar(bottle.soFar).padEnd(columns >= 76 ? 19 : 0),
    refused === undefined ? "" : `blocked ${refused}`,
    columns < 76 || memoryBytes === undefined ? "" : renderBytes(memoryBytes),
    columns < 90 || workspace === undefined ? "" : shortenPath(workspace),
  ];
  return [
    { text: isChosen ? " ▶ " : "   ", isBold: true },
    { ...plain(bottle.name.padEnd(width)), isBold: isChosen },
    { text: `  ${icon} `, color },
    { text: (status === "asks" ? `asks ${asks}` : word).padEnd(8), color },
    plain(`  ${cells.filter(Boolean).join("  ")}`),
  ];
}

const marks: Readonly<Record<InboxRow["kind"], readonly [string, Piece["color"]]>> = {
  asked: ["?", "yellow"],
  blocked: ["✖", "red"],
  denied: ["✖", undefined],
  allowed: ["✔", "green"],
};

/** Each host on a line, and below the chosen one why, and what a yes would open. */
function renderInbox(state: WatchState, columns: number): Line[] {
  const chosen = chosenRow(state);
  const rows = shownRows(state);
  if (rows.length === 0) {
    const text =
      state.inbox.length === 0 ? " Nothing was blocked or asked for." : " The filter leaves no host.";
    return [[{ text, isDim: true }]];
  }
  const at = Math.max(
    0,
    rows.findIndex((one) => one === chosen),
  );
  return rows.slice(Math.max(0, at - 2)).flatMap((row) => renderRow(row, row === chosen, state, columns));
}

function renderRow(row: InboxRow, isChosen: boolean, { focus }: WatchState, columns: number): Line[] {
  const [mark, color] = marks[row.kind];
  const times = row.count > 0 ? `  ${row.count}×` : "";
  const kind = row.kind === "blocked" ? "" : `  ${row.kind}`;
  const line: Line = [
    { text: isChosen ? (focus === "network" ? "▶" : "›") : " ", isBold: true },
    { text: `${mark} `, color },
    { ...plain(pairOf(row)), isBold: isChosen },
    { text: `${times}${kind}`, isDim: true },
  ];
  if (!isChosen) return [line];
  const reason = row.reason === "" ? [] : [row.kind === "asked" ? `"${row.reason}"` : row.reason];
  const details = [...reason.map(escapeForTerminal), ...row.notes];
  const width = Math.max(20, Math.floor(columns / 2) - 6);
  return [
    line,
    ...details.flatMap((text) => foldText(text, width)).map((text) => [{ text: `   ${text}`, isDim: true }]),
  ];
}

const keyLines = [
  " a allow  t 1 hour  s allow+save  x block  w why  u undo  r retry  Tab lists",
  " ⏎ attach  p prompt  d diff  m merge  P pull  o port  S stop  / find  q quit",
] as const;

/** What is filtered is said, or what it hides would seem not to be there. */
function renderFilters({ filters }: WatchState): Piece[] {
  const shown = [
    ...(filters.bottles === "" ? [] : [`bottles: ${filters.bottles}`]),
    ...(filters.network === "" ? [] : [`hosts: ${filters.network}`]),
  ];
  return shown.length === 0 ? [] : [{ ...plain(`   / ${shown.join("  ")}`), color: "yellow" }];
}

function renderFoot(state: WatchState, { columns }: ViewOptions): Line[] {
  const { mode } = state;
  const bottle = chosenBottle(state);
  const name = escapeForTerminal(bottle?.name ?? "");
  if (mode.kind === "filter") {
    const list = state.focus === "bottles" ? "bottles" : "hosts";
    return [
      [
        { text: ` ${list} with ❯ `, isBold: true },
        { text: `${escapeForTerminal(mode.text).slice(-Math.max(10, columns - 24))}_` },
      ],
      [{ text: " ⏎ keep  Esc show all", isDim: true }],
    ];
  }
  if (mode.kind === "prompt" || mode.kind === "port") {
    // The end of it is where one types
    const shown = escapeForTerminal(mode.text).slice(-Math.max(10, columns - name.length - 12));
    return [
      [
        { text: mode.kind === "port" ? ` port of ${name} ❯ ` : ` to ${name} ❯ `, isBold: true },
        { text: `${shown}_` },
      ],
      [
        {
          text:
            mode.kind === "port"
              ? " such as 3000 or 3000:8080; ⏎ opens it until Ctrl-C  Esc cancel"
              : " ⏎ send  Esc cancel",
          isDim: true,
        },
      ],
    ];
  }
  if (mode.kind === "stop") {
    const work = renderSoFar(bottle?.soFar);
    const what =
      work === "" || work === "clean"
        ? ""
        : ` Its work (${work}) has not been pulled; it comes back as refs.`;
    const question: Line = [{ text: ` Stop ${name}? [y/N]`, color: "yellow", isBold: true }];
    return what === "" ? [question] : [question, [{ text: what }]];
  }
  const message: Line[] = state.message === "" ? [] : [[plain(` ${state.message}`)]];
  return [...message, ...keyLines.map((text) => [{ text, isDim: true }])];
}

/** What `?` shows. */
export const helpLines: readonly string[] = [
  " ↑ ↓ or j k   choose; Tab goes to the other list",
  " /   show only what contains a word; Esc shows all of it again",
  "",
  " The chosen host",
  " a   allow it until the session ends       t   allow it for one hour",
  " s   allow it, and save it in the manifest",
  " x   block it                              w   why it is blocked or allowed",
  " u   take the last change back             r   tell claude that it may try again",
  "",
  " The chosen bottle",
  " ⏎   attach (Ctrl-] d comes back)          p   type a prompt without attaching",
  " d   what it has changed                   m   merge its work here",
  " P   pull its work as refs                 o   open a port of it here",
  " S   stop it; its work is pulled           n   start another one here",
  "",
  " q   leave; bottles go on",
  " Any key closes this.",
];
