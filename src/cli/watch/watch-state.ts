/** Which key does what, without a terminal: a key and a state make the next state, and something to do. */
import { chosenBottle, chosenRow, pairOf, shownBottles, shownRows } from "./watch-model.ts";
import type { Mode, WatchState } from "./watch-model.ts";
import type { WatchedBottle } from "./watched.ts";

export interface PressedKey {
  readonly name: "up" | "down" | "enter" | "escape" | "tab" | "backspace" | "interrupt" | "text";
  /** Printable, for `text` */
  readonly text: string;
}

export type Act =
  /** A command of this program; `message` shows its last line below, `screen` gives it the terminal until it ends */
  | {
      readonly kind: "run";
      readonly words: readonly string[];
      readonly shows: "message" | "screen";
      readonly pauses: boolean;
    }
  | { readonly kind: "type"; readonly session: string; readonly text: string }
  | { readonly kind: "quit" };

export interface Step {
  readonly state: WatchState;
  readonly act?: Act | undefined;
}

/** The next state, and what is to be done. */
export function pressKey(state: WatchState, key: PressedKey): Step {
  if (key.name === "interrupt") return { state, act: { kind: "quit" } };
  switch (state.mode.kind) {
    case "prompt":
    case "port":
    case "filter":
      return pressInPrompt(state, state.mode, key);
    case "stop":
      return answerStop(state, key);
    case "help":
      return { state: { ...state, mode: { kind: "look" } } };
    default:
      return pressInList(state, key);
  }
}

function pressInPrompt(
  state: WatchState,
  { kind, text }: Extract<Mode, { readonly text: string }>,
  key: PressedKey,
): Step {
  const look: WatchState = { ...state, mode: { kind: "look" } };
  const bottle = chosenBottle(state);
  const edit = (next: string): Step => {
    const edited: WatchState = { ...state, mode: { kind, text: next } };
    return { state: kind === "filter" ? putFilter(edited, next) : edited };
  };
  if (key.name === "escape") return { state: kind === "filter" ? putFilter(look, "") : look };
  if (key.name === "backspace") return edit([...text].slice(0, -1).join(""));
  if (key.name === "text") return edit(text + key.text);
  if (key.name !== "enter") return { state };
  if (kind === "filter" || text.trim() === "" || !bottle) return { state: look };
  if (kind === "port") {
    const words = ["port", bottle.name, ...text.trim().split(/\s+/)];
    return { state: look, act: { kind: "run", words, shows: "screen", pauses: true } };
  }
  return {
    state: { ...look, message: `Sent to ${bottle.name}` },
    act: { kind: "type", session: bottle.session, text },
  };
}

/** Of the list that has the focus; what another bottle was blocked is not shown as this one's. */
function putFilter(state: WatchState, text: string): WatchState {
  const next = { ...state, filters: { ...state.filters, [state.focus]: text } };
  if (chosenBottle(next)?.session === chosenBottle(state)?.session) return next;
  return { ...next, pair: undefined, inbox: [], screen: [] };
}

function answerStop(state: WatchState, key: PressedKey): Step {
  const look: WatchState = { ...state, mode: { kind: "look" } };
  const bottle = chosenBottle(state);
  if (key.text.toLowerCase() !== "y" || !bottle) return { state: look };
  return {
    state: { ...look, message: `Stopping ${bottle.name}…` },
    act: { kind: "run", words: ["stop", bottle.name], shows: "message", pauses: false },
  };
}

function pressInList(state: WatchState, key: PressedKey): Step {
  if (key.name === "up" || key.text === "k") return { state: move(state, -1) };
  if (key.name === "down" || key.text === "j") return { state: move(state, 1) };
  if (key.name === "tab")
    return { state: { ...state, focus: state.focus === "bottles" ? "network" : "bottles" } };
  if (key.text === "?") return { state: { ...state, mode: { kind: "help" } } };
  if (key.text === "/")
    return { state: { ...state, mode: { kind: "filter", text: state.filters[state.focus] } } };
  if (key.name === "escape" && state.filters[state.focus] !== "") return { state: putFilter(state, "") };
  if (key.text === "n")
    return { state, act: { kind: "run", words: ["start"], shows: "screen", pauses: true } };
  if (key.text === "q") return { state, act: { kind: "quit" } };
  const bottle = chosenBottle(state);
  if (!bottle) return { state };
  return onBottle(state, bottle, key) ?? onHost(state, bottle, key) ?? { state };
}

function move(state: WatchState, by: number): WatchState {
  const next = <T>(all: readonly T[], now: T | undefined) =>
    all[Math.min(all.length - 1, Math.max(0, (now === undefined ? 0 : all.indexOf(now)) + by))];
  if (state.focus === "bottles") {
    const bottle = next(shownBottles(state), chosenBottle(state));
    if (bottle?.session === chosenBottle(state)?.session) return state;
    return { ...state, chosen: bottle?.session, pair: undefined, inbox: [], screen: [] };
  }
  const row = next(shownRows(state), chosenRow(state));
  return { ...state, pair: row && pairOf(row) };
}

/** Commands that take the terminal: their own words say what happened, and some are read before one goes on */
const screenKeys: Readonly<Record<string, readonly [command: string, pauses: boolean]>> = {
  d: ["diff", true],
  m: ["merge", true],
  P: ["pull", true],
};

function onBottle(state: WatchState, { name }: WatchedBottle, key: PressedKey): Step | undefined {
  const run = (words: readonly string[], pauses: boolean): Step => ({
    state: { ...state, message: "" },
    act: { kind: "run", words, shows: "screen", pauses },
  });
  if (key.name === "enter") return run(["attach", name], false);
  if (key.text === "p") return { state: { ...state, mode: { kind: "prompt", text: "" } } };
  if (key.text === "o") return { state: { ...state, mode: { kind: "port", text: "" } } };
  if (key.text === "S") return { state: { ...state, mode: { kind: "stop" } } };
  const [command, pauses] = (Object.hasOwn(screenKeys, key.text) && screenKeys[key.text]) || [];
  return command === undefined ? undefined : run([command, name], pauses === true);
}

/** Flags after `allow`, by key */
const allowKeys: Readonly<Record<string, readonly string[]>> = { a: [], t: ["--for=1h"], s: ["--save"] };

function onHost(state: WatchState, { name, session }: WatchedBottle, key: PressedKey): Step | undefined {
  const run = (words: readonly string[], next: WatchState = state): Step => ({
    state: { ...next, message: "…" },
    act: { kind: "run", words, shows: "message", pauses: false },
  });
  if (key.text === "u") return undo(state, run);
  if (key.text === "r") return tellAgain(state);
  const row = chosenRow(state);
  if (!row) return undefined;
  const { host } = row;
  const flags = Object.hasOwn(allowKeys, key.text) ? allowKeys[key.text] : undefined;
  // A port is said where it is none that a command takes by itself
  const what = row.port === 443 ? host : pairOf(row);
  const changed = {
    ...state,
    last: { bottle: name, session, what, isAllow: key.text !== "x", isSaved: key.text === "s" },
  };
  const spoken = row.protocol === undefined ? [] : [`--${row.protocol}`];
  if (flags) return run(["allow", name, what, ...spoken, ...flags], changed);
  if (key.text === "x") return run(["deny", name, what], changed);
  if (key.text !== "w") return undefined;
  return { state, act: { kind: "run", words: ["why", name, pairOf(row)], shows: "screen", pauses: true } };
}

/** As a prompt, since nothing else reaches claude. */
function tellAgain(state: WatchState): Step {
  const { last } = state;
  if (!last?.isAllow)
    return { state: { ...state, message: "Nothing was allowed here of which claude could be told" } };
  return {
    state: { ...state, message: `Told ${last.bottle} to try ${last.what} again` },
    act: { kind: "type", session: last.session, text: `${last.what} is allowed now. Try again.` },
  };
}

function undo(state: WatchState, run: (words: readonly string[], next: WatchState) => Step): Step {
  const { last } = state;
  if (!last) return { state: { ...state, message: "There is no change of this view to take back" } };
  const { bottle, what, isSaved } = last;
  const step = run(["allow", bottle, what, "--undo"], { ...state, last: undefined });
  if (!isSaved) return step;
  return { ...step, state: { ...step.state, message: "… what was saved stays in the manifest" } };
}
