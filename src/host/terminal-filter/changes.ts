/**
 * What a program may change at the user's terminal by modes, control sequences and escape sequences, each with what takes it back. The
 * filter lets nothing else through, and the end of a session takes back all of it: both are made from these tables.
 */

export interface ModeRow {
  readonly modes: readonly number[];
  /**
   * `off` and `on`: how every terminal has it until a program comes, whatever its settings. `screen`: another screen, which is left by
   * itself. `passing`: nothing stays on.
   */
  readonly rest: "off" | "on" | "screen" | "passing";
}

/**
 * DEC private modes. Not among them is what users set otherwise in their terminals, so that nobody could say how it was before: 8 (keys
 * repeat), 12 (cursor blinks), 67 (backspace), 1007 (wheel on the alternate screen), 1034 to 1039 (meta, alt and Num Lock keys), 2027
 * (grapheme clusters). Nor 2 (VT52, another language), 38 (Tektronix), 3 (resizes), 6 (to take it back moves the cursor), 5522 (clipboard).
 */
export const privateModes: readonly ModeRow[] = [
  { modes: [2026, 1048], rest: "passing" },
  { modes: [47, 1047, 1049], rest: "screen" },
  // Pastes, focus, mouse
  { modes: [2004, 1004, 9, 1000, 1002, 1003, 1005, 1006, 1015, 1016], rest: "off" },
  // Reports of colour scheme and size; cursor and keypad keys; margins at the sides, reverse video, wrapping backwards
  { modes: [2031, 2048, 1, 66, 69, 5, 45], rest: "off" },
  // Wrapping, cursor
  { modes: [7, 25], rest: "on" },
];

/** Insert mode. Not among them: 2 (locks the keyboard), 12 (local echo), 20 (Enter sends two characters) */
export const ansiModes: readonly ModeRow[] = [{ modes: [4], rest: "off" }];

/**
 * Finals of what a program draws with, which take any numbers: erase, insert, scroll, move, repeat; then colours, and margins, whose end
 * moves the cursor. Not `g`: nobody knows where tab stops were.
 */
export const drawing: readonly { readonly finals: string; readonly undo?: string }[] = [
  { finals: "@ABCDEFGHIJKLMPSTXZ`abdefsu" },
  { finals: "m", undo: "\u001b[0m" },
  { finals: "r", undo: "\u001b7\u001b[r\u001b8" },
];

export interface ControlRow {
  /** What is between CSI and the final, without its numbers, and the final */
  readonly key: string;
  /** Its numbers, without leading zeros */
  readonly parameters: RegExp;
  readonly undo?: string;
}

const anything = /^/;
const nothingOrZero = /^0?$/;

/** What changes the cursor or how keys are sent, and questions whose answers are numbers or the terminal's own words. */
export const controls: readonly ControlRow[] = [
  { key: " q", parameters: /^[0-6]?$/, undo: "\u001b[0 q" },
  // Of xterm's keys only what programs use; what the others were is not known
  { key: ">m", parameters: /^4(?:;[0-3]?)?$/, undo: "\u001b[>4m" },
  { key: ">n", parameters: /^4$/, undo: "\u001b[>4m" },
  // A soft reset; see `ScreenState`
  { key: "!p", parameters: /^$/ },
  // Selective erase
  { key: "?J", parameters: anything },
  { key: "?K", parameters: anything },
  // What the terminal is, and its name and version
  { key: "c", parameters: nothingOrZero },
  { key: ">c", parameters: nothingOrZero },
  { key: "=c", parameters: nothingOrZero },
  { key: ">q", parameters: nothingOrZero },
  // Where the cursor is, whether all is well, light or dark, whether a mode is on, how keys are sent
  { key: "n", parameters: /^[56]$/ },
  { key: "?n", parameters: /^(?:6|996)$/ },
  { key: "$p", parameters: anything },
  { key: "?$p", parameters: anything },
  { key: "?u", parameters: anything },
  { key: "?m", parameters: anything },
  // Sizes in pixels and characters. 20 and 21 would type a title of the agent's choice; 1 to 10 move and resize
  { key: "t", parameters: /^1[468]$/ },
];

/** Kitty's keyboard: push, pop, set. A stack, which `KeyboardState` keeps so that the terminal's own gets one entry at most. */
export const keyboardControls: readonly ControlRow[] = [
  { key: ">u", parameters: /^\d{0,3}$/ },
  { key: "<u", parameters: /^\d{0,3}$/ },
  { key: "=u", parameters: /^\d{0,3}(?:;[1-3])?$/ },
];

export interface EscapeRow {
  /** What stands after ESC */
  readonly form: RegExp;
  readonly undo?: string;
}

/**
 * Not among them: `ESC % @`, which would end UTF-8, `ESC SP G`, which asks for 8-bit answers, `ESC Z`, an old way to ask, and `ESC H`,
 * which sets a tab stop.
 */
export const escapes: readonly EscapeRow[] = [
  // Save and restore the cursor, a screen of E, a reset (see `ScreenState`)
  { form: /^(?:[78c]|#8)$/ },
  { form: /^[=>]$/, undo: "\u001b>" },
  // The line-drawing character set, as G0 to G3; which of them is used is told by SI, a character
  { form: /^[()*+][0AB]$/, undo: "\u000f\u001b(B\u001b)B\u001b*B\u001b+B" },
];

/** Goes back from another screen; the cursor is saved in front of it, since where each screen has one of its own this is the wrong one */
export const leaveAlternate = "\u001b7\u001b[?1049l";

/** Takes back every change of these tables but the screen and kitty's keyboard. Harmless where nothing was changed. */
export const undoChanges: string = [
  ...new Set([
    ...undoModes(privateModes, "?"),
    ...undoModes(ansiModes, ""),
    ...[...drawing, ...controls, ...escapes].flatMap(({ undo }) => undo ?? []),
  ]),
].join("");

function undoModes(rows: readonly ModeRow[], prefix: string): string[] {
  return rows.flatMap(({ modes, rest }) =>
    rest === "off" || rest === "on"
      ? modes.map((mode) => `\u001b[${prefix}${mode}${rest === "on" ? "h" : "l"}`)
      : [],
  );
}
