/**
 * Where the text of an answer may be cut without regard to what it says: after every line break that cannot stand inside of a value's
 * form. An event of an event stream ends in one. Only base64 and hex are wrapped into lines, and programs wrap them at 60 characters
 * and more, so a line break stands inside of a form only if so many characters without a space or a sign before it could be such a line.
 */

/** Base64 and hex go on after it */
export const softBreak = 0x0a;
/** Stands for every line break after which no form goes on, and for characters that are part of no form */
export const hardBreak = 0x07;

const leastLine = 16;
/** Behind the CR that ends a line which could be wrapped, where an LF is still part of the same break */
const inBreak = leastLine + 1;

/**
 * How many characters that base64, hex or an escape could be made of stand before a place, up to `leastLine`, or `inBreak`. Begins with 0.
 */
export type LineState = number;

const kinds = { outside: 0, sign: 1, word: 2, cr: 3, lf: 4 } as const;
/** By byte. Values are printable ASCII; NUL is there in UTF-16 */
const kindOf = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x0d) return kinds.cr;
  if (byte === 0x0a) return kinds.lf;
  if (/[A-Za-z0-9+/=_%\\&#;-]/.test(String.fromCharCode(byte))) return kinds.word;
  return byte === 0 || byte === 0x09 || (byte >= 0x20 && byte <= 0x7e) ? kinds.sign : kinds.outside;
});

/** What is known of some bytes before anything is looked for. */
export interface Survey {
  /** The bytes, with each line break as `softBreak` or `hardBreak` */
  readonly values: Uint8Array;
  /** Behind the last hard break; 0 if there is none */
  readonly release: number;
  /** Where pieces begin and end that are long enough and hold no byte that no form has; in turn */
  readonly pieces: readonly number[];
}

/** `state` is that of the place where the bytes begin; pieces shorter than `least` bytes are left out. */
export function surveyLines(bytes: Uint8Array, state: LineState, least: number): Survey {
  const values = new Uint8Array(bytes);
  const pieces: number[] = [];
  let release = 0;
  let from = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const kind = kindOf[bytes[at] ?? 0] ?? 0;
    if (kind >= kinds.cr) {
      const isSoft = kind === kinds.lf ? state >= leastLine : state === leastLine;
      values[at] = isSoft ? softBreak : hardBreak;
      if (!isSoft) release = at + 1;
    } else if (kind === kinds.outside) {
      if (at - from >= least) pieces.push(from, at);
      from = at + 1;
    }
    state = advance(state, kind);
  }
  if (bytes.length - from >= least) pieces.push(from, bytes.length);
  return { values, release, pieces };
}

/** The state at a place in the bytes, from the state where they begin. */
export function stateAt(bytes: Uint8Array, at: number, first: LineState): LineState {
  // No state depends on more than this many bytes
  const from = Math.max(0, at - inBreak - 1);
  let state = from === 0 ? first : 0;
  for (const byte of bytes.subarray(from, at)) state = advance(state, kindOf[byte] ?? 0);
  return state;
}

function advance(state: LineState, kind: number): LineState {
  if (kind === kinds.word) return state === inBreak ? 1 : Math.min(state + 1, leastLine);
  return kind === kinds.cr && state === leastLine ? inBreak : 0;
}
