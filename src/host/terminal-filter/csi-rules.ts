/**
 * Which control sequences (`CSI … final`) reach the user's terminal: those that draw, those that full-screen programs switch on and
 * off, and questions whose answers hold nothing that the agent wrote. Anything else is left out, known or not.
 */
import { ansiModes, controls, drawing, keyboardControls, privateModes } from "./changes.ts";
import type { ModeRow } from "./changes.ts";

const listModes = (rows: readonly ModeRow[]): ReadonlySet<string> =>
  new Set(rows.flatMap(({ modes }) => modes.map(String)));
const modesByPrefix: Readonly<Record<string, ReadonlySet<string>>> = {
  "": listModes(ansiModes),
  "?": listModes(privateModes),
};

const parametersByKey: ReadonlyMap<string, RegExp> = new Map(
  [...controls, ...keyboardControls].map(({ key, parameters }) => [key, parameters]),
);

const plainFinals = new Set(drawing.flatMap(({ finals }) => [...finals]));
const isPlainFinal = Uint8Array.from({ length: 128 }, (_, byte) =>
  plainFinals.has(String.fromCharCode(byte)) ? 1 : 0,
);

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

/**
 * The sequence as it may be passed on, whole or with fewer modes; empty if not at all. `text` is what stands after `CSI`. Numbers lose
 * their leading zeros, so that `001049` is to whoever keeps count what it is to the terminal.
 */
export function judgeControlSequence(text: string): string {
  const match = /^([<=>?]?)([\d;:]*)([ -/]*)([@-~])$/.exec(text);
  if (!match) return "";
  const [, prefix = "", numbers = "", intermediates = "", final = ""] = match;
  // As it came, since most of these come by `measurePlainSequence`
  if (prefix === "" && intermediates === "" && plainFinals.has(final)) return `\u001b[${text}`;
  const parameters = numbers.replaceAll(/(?<!\d)0+(?=\d)/g, "");
  const modes = modesByPrefix[prefix];
  if (modes && intermediates === "" && (final === "h" || final === "l")) {
    const kept = parameters.split(";").filter((mode) => modes.has(mode));
    return kept.length === 0 ? "" : `\u001b[${prefix}${kept.join(";")}${final}`;
  }
  const allowed = parametersByKey.get(`${prefix}${intermediates}${final}`);
  return allowed?.test(parameters) ? `\u001b[${prefix}${parameters}${intermediates}${final}` : "";
}
