/**
 * Which control sequences (`CSI … final`) reach the user's terminal: those that draw, those that full-screen programs switch on and
 * off, and questions whose answers hold nothing that the agent wrote. Anything else is left out, known or not.
 */

/**
 * DEC private modes: cursor keys, reverse video, wrap, mouse (9, 1000-1007, 1015, 1016), cursor, alternate screen, focus,
 * meta keys, bracketed paste, synchronised output, grapheme clusters, colour scheme and size reports. Not among them: 2 (VT52, another
 * language), 38 (Tektronix), 3 (resizes), 6 (to take it back moves the cursor), 5522 (clipboard).
 */
const privateModes: ReadonlySet<string> = new Set(
  [1, 5, 7, 8, 9, 12, 25, 45, 47, 66, 67, 69, 1000, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 1034]
    .concat([1035, 1036, 1039, 1047, 1048, 1049, 2004, 2026, 2027, 2031, 2048])
    .map(String),
);
/** Insert mode. Not among them: 2 (locks the keyboard), 12 (local echo), 20 (Enter sends two characters) */
const ansiModes: ReadonlySet<string> = new Set(["4"]);

/** Sizes in pixels and characters, as numbers. 20 and 21 would type a title of the agent's choice; 1 to 10 move and resize */
const windowQuestions: ReadonlySet<string> = new Set(["14", "16", "18"]);

/** `CSI parameters final` without anything between: erase, insert, scroll, move, tabs, repeat, margins, colours */
const plainFinals = new Set("@ABCDEFGHIJKLMPSTXZ`abdefgmrsu");

const isPlainFinal = Uint8Array.from({ length: 128 }, (_, byte) =>
  plainFinals.has(String.fromCharCode(byte)) ? 1 : 0,
);

interface Sequence {
  /** `<`, `=`, `>`, `?` or nothing */
  readonly prefix: string;
  readonly parameters: string;
  readonly intermediates: string;
  readonly final: string;
}

/**
 * Length of the whole sequence at `at` if it is one of the plain ones, which are nearly all of what a program draws with; 0 otherwise,
 * which means that it needs a look.
 */
export function measurePlainSequence(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== 0x1b || bytes[at + 1] !== 0x5b) return 0;
  const limit = at + 64;
  for (let end = at + 2; end < limit; end += 1) {
    const byte = bytes[end] ?? 0;
    // Digits, colon, semicolon
    if (byte >= 0x30 && byte <= 0x3b) continue;
    return isPlainFinal[byte] === 1 ? end + 1 - at : 0;
  }
  return 0;
}

/** The sequence as it may be passed on, whole or with fewer modes; empty if not at all. `text` is what stands behind `CSI`. */
export function judgeControlSequence(text: string): string {
  const match = /^([<=>?]?)([\d;:]*)([ -/]*)([@-~])$/.exec(text);
  if (!match) return "";
  const [, prefix = "", parameters = "", intermediates = "", final = ""] = match;
  const sequence = { prefix, parameters, intermediates, final };
  const key = `${prefix}${intermediates}${final}`;
  if (key === "h" || key === "l") return judgeModes(sequence, ansiModes);
  if (key === "?h" || key === "?l") return judgeModes(sequence, privateModes);
  return isAllowed(key, parameters) ? `\u001b[${text}` : "";
}

/** Keeps the modes that may be changed; several can stand in one sequence. */
function judgeModes({ prefix, parameters, final }: Sequence, allowed: ReadonlySet<string>): string {
  const kept = parameters.split(";").filter((mode) => allowed.has(mode.replace(/^0+(?=\d)/, "")));
  return kept.length === 0 ? "" : `\u001b[${prefix}${kept.join(";")}${final}`;
}

function isAllowed(key: string, parameters: string): boolean {
  const first = parameters.split(/[;:]/)[0]?.replace(/^0+(?=\d)/, "") ?? "";
  switch (key) {
    // What the terminal is, and its name and version
    case "c":
    case ">c":
    case "=c":
      return first === "" || first === "0";
    case ">q":
      return first === "" || first === "0";
    // Where the cursor is, whether all is well, light or dark
    case "n":
      return first === "5" || first === "6";
    case "?n":
      return first === "6" || first === "996";
    case "t":
      return windowQuestions.has(first);
    // Kitty's keyboard: ask, push, pop, set; xterm's: set, ask, off
    case "?u":
    case ">u":
    case "<u":
    case "=u":
    case ">m":
    case "?m":
    case ">n":
    // Selective erase, whether a mode is on, cursor shape, soft reset
    case "?J":
    case "?K":
    case "$p":
    case "?$p":
    case " q":
    case "!p":
      return true;
    default:
      return plainFinals.has(key);
  }
}
