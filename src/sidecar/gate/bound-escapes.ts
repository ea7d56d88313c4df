/**
 * Reads the ways in which servers write a character as several: of URLs, of JSON and program texts, of HTML, and UTF-16. Whatever is
 * done here depends on the text alone and on no secret.
 */
import { hardBreak, softBreak } from "./bound-lines.ts";

/** A text character by character, with the place of each in the bytes that it was read from. */
export interface Layer {
  readonly values: Uint8Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly count: number;
}

/** An escape that was read: the number of the character that it stands for, and which characters it was written with. */
export interface Escape {
  readonly at: number;
  readonly from: number;
  readonly length: number;
}

export interface Decoded {
  readonly layer: Layer;
  readonly escapes: readonly Escape[];
}

/** Bytes that one character may be written with, however deep; what is longer is not read as one */
const longestEscape = 32;
/** Of entities, with the mark before them */
const longestName = 8;

const marks = {
  percent: 0x25,
  backslash: 0x5c,
  ampersand: 0x26,
  hash: 0x23,
  semicolon: 0x3b,
  nul: 0,
} as const;
const braces = { open: 0x7b, close: 0x7d } as const;

/** HTML's names for signs that stand in tokens, in lower case; `&apos;` and the like are never written in another */
const entities: ReadonlyMap<string, string> = new Map(
  Object.entries({
    amp: "&",
    apos: "'",
    ast: "*",
    bsol: "\\",
    colon: ":",
    comma: ",",
    commat: "@",
    dollar: "$",
    equals: "=",
    excl: "!",
    grave: "`",
    gt: ">",
    hat: "^",
    lbrace: "{",
    lbrack: "[",
    lcub: "{",
    lowbar: "_",
    lpar: "(",
    lsqb: "[",
    lt: "<",
    num: "#",
    percnt: "%",
    period: ".",
    plus: "+",
    quest: "?",
    quot: '"',
    rbrace: "}",
    rbrack: "]",
    rcub: "}",
    rpar: ")",
    rsqb: "]",
    semi: ";",
    sol: "/",
    verbar: "|",
    vert: "|",
  }),
);

/** By byte; 16 for what is no digit */
const digits = Uint8Array.from({ length: 256 }, (_, byte) => {
  const text = String.fromCharCode(byte);
  return /[0-9a-fA-F]/.test(text) ? Number.parseInt(text, 16) : 16;
});
const isMark = Uint8Array.from({ length: 256 }, (_, byte) =>
  [marks.percent, marks.backslash, marks.ampersand, marks.nul].some((mark) => mark === byte) ? 1 : 0,
);

/** The bytes themselves, with each at its place. */
export function makeFirstLayer(values: Uint8Array, from: number, to: number): Layer {
  const count = to - from;
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  for (let at = 0; at < count; at += 1) {
    starts[at] = from + at;
    ends[at] = from + at + 1;
  }
  return { values: values.subarray(from, to), starts, ends, count };
}

/** One level of escapes read; undefined if there is none. Backslashes that begin nothing, and the NULs of UTF-16, are left out. */
export function decodeLayer(from: Layer): Decoded | undefined {
  if (!hasMark(from)) return undefined;
  const values = new Uint8Array(from.count);
  const starts = new Uint32Array(from.count);
  const ends = new Uint32Array(from.count);
  const escapes: Escape[] = [];
  let count = 0;
  for (let at = 0; at < from.count;) {
    const value = from.values[at] ?? 0;
    const escape = isMark[value] === 1 ? readEscape(from, at) : 0;
    const length = Math.max(1, escape & 0xff);
    // In UTF-16 what is after a backslash is seen one level further on
    const isKept = value === marks.backslash ? from.values[at + 1] === marks.nul : value !== marks.nul;
    if (escape > 0 || isKept) {
      values[count] = escape > 0 ? escape >> 8 : value;
      starts[count] = from.starts[at] ?? 0;
      ends[count] = from.ends[at + length - 1] ?? 0;
      if (length > 1) escapes.push({ at: count, from: at, length });
      count += 1;
    }
    at += length;
  }
  return { layer: { values, starts, ends, count }, escapes };
}

function hasMark({ values, count }: Layer): boolean {
  for (let at = 0; at < count; at += 1) if (isMark[values[at] ?? 1] === 1) return true;
  return false;
}

/** The character's code above the number of characters that it is written with; 0 if no escape begins here. */
function readEscape(layer: Layer, at: number): number {
  const mark = layer.values[at];
  const escape =
    mark === marks.percent
      ? readPercent(layer, at)
      : mark === marks.backslash
        ? readBackslash(layer, at)
        : mark === marks.ampersand
          ? readEntity(layer, at)
          : 0;
  const last = at + (escape & 0xff) - 1;
  const width = (layer.ends[last] ?? 0) - (layer.starts[at] ?? 0);
  return width <= longestEscape ? escape : 0;
}

/** `%2f`, and `%u002f` of old scripts */
function readPercent(layer: Layer, at: number): number {
  if (isLetter(layer, at + 1, "u")) return pack(readDigits(layer, at + 2, 4, 16), 6);
  return pack(readDigits(layer, at + 1, 2, 16), 3);
}

/** `\u002f`, `\u{2f}`, `\x2f`, `\057`, and the line breaks of a text that is wrapped inside of a string */
function readBackslash(layer: Layer, at: number): number {
  const next = layer.values[at + 1];
  if (isLetter(layer, at + 1, "u")) {
    if (layer.values[at + 2] !== braces.open) return pack(readDigits(layer, at + 2, 4, 16), 6);
    return readUntil(layer, { at, from: at + 3, end: braces.close, most: 6, base: 16 });
  }
  if (isLetter(layer, at + 1, "x")) return pack(readDigits(layer, at + 2, 2, 16), 4);
  if (next === 0x6e || next === 0x72) return pack(softBreak, 2);
  return pack(readDigits(layer, at + 1, 3, 8), 4);
}

/** `&amp;`, `&#47;`, `&#x2f;` */
function readEntity(layer: Layer, at: number): number {
  if (layer.values[at + 1] === marks.hash) {
    const isHex = isLetter(layer, at + 2, "x");
    const from = at + (isHex ? 3 : 2);
    return readUntil(layer, { at, from, end: marks.semicolon, most: 7, base: isHex ? 16 : 10 });
  }
  const text = layer.values.subarray(at + 1, Math.min(layer.count, at + 1 + longestName));
  const end = text.indexOf(marks.semicolon);
  if (end < 0) return 0;
  const sign = entities.get(String.fromCharCode(...text.subarray(0, end)).toLowerCase());
  return sign === undefined ? 0 : pack(sign.charCodeAt(0), end + 2);
}

interface Numeral {
  /** Where the escape begins, and where its digits do */
  readonly at: number;
  readonly from: number;
  /** What must stand after the digits */
  readonly end: number;
  /** Digits at most */
  readonly most: number;
  readonly base: number;
}

function readUntil(layer: Layer, { at, from, end, most, base }: Numeral): number {
  let length = 0;
  while (
    length < most &&
    (digits[layer.values[from + length] ?? 0x20] ?? 16) < base &&
    from + length < layer.count
  )
    length += 1;
  if (length === 0 || layer.values[from + length] !== end) return 0;
  return pack(readDigits(layer, from, length, base), from + length + 1 - at);
}

/** -1 if one of them is no digit */
function readDigits(layer: Layer, from: number, length: number, base: number): number {
  if (from + length > layer.count) return -1;
  let number = 0;
  for (let at = from; at < from + length; at += 1) {
    const digit = digits[layer.values[at] ?? 0x20] ?? 16;
    if (digit >= base) return -1;
    number = number * base + digit;
  }
  return number;
}

function isLetter(layer: Layer, at: number, lower: string): boolean {
  return ((layer.values[at] ?? 0) | 0x20) === lower.charCodeAt(0);
}

function pack(code: number, length: number): number {
  if (code < 0) return 0;
  return (toValue(code) << 8) | length;
}

/** Values are printable ASCII; a NUL is left out one level further on */
function toValue(code: number): number {
  if (code === 0x0d || code === 0x0a) return softBreak;
  if (code === 0 || code === 0x09) return code;
  return code >= 0x20 && code <= 0x7e ? code : hardBreak;
}
