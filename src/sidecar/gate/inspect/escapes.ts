/**
 * Reads what is written with escapes: of URLs (`%2f`), of JSON and programs (`\u002f`, `\057`, `\n`), of HTML (`&#x2f;`, `&amp;`). Only what
 * stands near an escape is written out, since all else is looked at as it is; a text without any costs next to nothing.
 */

const percent = 0x25;
const backslash = 0x5c;
const ampersand = 0x26;
const kinds = [percent, backslash, ampersand] as const;
const isMark = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === percent || byte === backslash || byte === ampersand ? 1 : 0,
);
/** What parts two stretches that do not belong together; no rule reads across it */
const gap = Buffer.from("\0\n\0");

/** The stretches near escapes, each read and one after the other. */
export interface ReadEscapes {
  readonly bytes: Buffer;
  /** For each stretch: its place here, and its first and last place in what was read */
  readonly stretches: readonly (readonly [at: number, from: number, to: number])[];
}

/** One level of escapes between the places, with `reach` bytes around each; undefined if there is none. */
export function readEscapes(bytes: Buffer, from: number, to: number, reach: number): ReadEscapes | undefined {
  const stretches: [at: number, from: number, to: number][] = [];
  let out: Buffer | undefined;
  let count = 0;
  let done = from;
  const marks = new Marks(bytes, to);
  for (let at = marks.next(from); at < to; at = marks.next(at)) {
    const escape = readEscape(bytes, at, to);
    if (escape === 0) {
      at += 1;
      continue;
    }
    out ??= Buffer.allocUnsafe(to - from + gap.length);
    const last = stretches.at(-1);
    if (!last || at - done > 2 * reach) {
      if (last) count = endStretch(bytes, done, last, out, count, Math.min(to, done + reach));
      done = Math.max(done, at - reach);
      stretches.push([count, done, to]);
    }
    count = append(bytes, done, at, out, count);
    out[count] = escape >> 8;
    count += 1;
    at += escape & 0xff;
    done = at;
  }
  const last = stretches.at(-1);
  if (!out || !last) return undefined;
  last[2] = Math.min(to, done + reach);
  count = append(bytes, done, last[2], out, count);
  return { bytes: out.subarray(0, count), stretches };
}

function endStretch(
  bytes: Buffer,
  done: number,
  stretch: [at: number, from: number, to: number],
  out: Buffer,
  count: number,
  end: number,
): number {
  stretch[2] = end;
  return append(gap, 0, gap.length, out, append(bytes, done, end, out, count));
}

/** So many bytes are looked at by hand before the rest is searched: in a text full of escapes the next one is near */
const near = 64;

/** The places of what may begin an escape. */
class Marks {
  readonly #bytes: Buffer;
  readonly #to: number;
  /** The next of each kind that is known; after all bytes if there is none */
  readonly #known = [-1, -1, -1];

  constructor(bytes: Buffer, to: number) {
    this.#bytes = bytes;
    this.#to = to;
  }

  /** The first one at or after a place; the end if there is none. */
  next(from: number): number {
    const bytes = this.#bytes;
    const end = Math.min(this.#to, from + near);
    for (let at = from; at < end; at += 1) if (isMark[bytes[at] as number] === 1) return at;
    return end === this.#to ? end : this.#search(end);
  }

  #search(from: number): number {
    let least = this.#to;
    for (let kind = 0; kind < kinds.length; kind += 1) {
      let at = this.#known[kind] as number;
      if (at < from) {
        at = this.#bytes.indexOf(kinds[kind] as number, from);
        this.#known[kind] = at = at < 0 ? Infinity : at;
      }
      if (at < least) least = at;
    }
    return least;
  }
}

/** Copies a few bytes by hand: the way into native code costs more. */
function append(source: Buffer, from: number, to: number, out: Buffer, at: number): number {
  const length = to - from;
  if (length > 48) source.copy(out, at, from, to);
  else for (let index = 0; index < length; index += 1) out[at + index] = source[from + index] as number;
  return at + length;
}

/** The character's code above the number of bytes that it is written with; 0 if no escape begins here. */
function readEscape(bytes: Buffer, at: number, to: number): number {
  const mark = bytes[at];
  if (mark === percent) return pack(readHex(bytes, at + 1, 2, to), 3);
  if (mark === backslash) return readBackslash(bytes, at, to);
  return readEntity(bytes, at, to);
}

/** Line breaks and tabs, by the letter; what else follows a backslash stands for itself if it is a sign */
const letters: ReadonlyMap<number, number> = new Map([
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);

function readBackslash(bytes: Buffer, at: number, to: number): number {
  const next = at + 1 < to ? (bytes[at + 1] as number) : 0;
  if (next === 0x75) return pack(readHex(bytes, at + 2, 4, to), 6);
  if (next === 0x78) return pack(readHex(bytes, at + 2, 2, to), 4);
  if (next >= 0x30 && next <= 0x33) return pack(readOctal(bytes, at + 1, to), 4);
  const letter = letters.get(next);
  if (letter !== undefined) return pack(letter, 2);
  return next === 0x22 || next === 0x27 || next === 0x2f || next === backslash ? pack(next, 2) : 0;
}

const entities: Readonly<Record<string, number>> = {
  amp: 0x26,
  apos: 0x27,
  colon: 0x3a,
  commat: 0x40,
  dot: 0x2e,
  equals: 0x3d,
  gt: 0x3e,
  hyphen: 0x2d,
  lowbar: 0x5f,
  lt: 0x3c,
  num: 0x23,
  percnt: 0x25,
  period: 0x2e,
  plus: 0x2b,
  quot: 0x22,
  sol: 0x2f,
};

/** `&amp;`, `&#47;`, `&#x2f;` */
function readEntity(bytes: Buffer, at: number, to: number): number {
  const next = (bytes[at + 1] ?? 0) | 0x20;
  if (next !== 0x23 && (next < 0x61 || next > 0x7a)) return 0;
  const end = Math.min(to, at + 10);
  let last = at + 1;
  while (last < end && bytes[last] !== 0x3b) last += 1;
  if (last >= end || last < at + 3) return 0;
  const text = bytes.toString("latin1", at + 1, last);
  const [, hex, decimal] = /^#(?:[xX]([0-9a-fA-F]+)|(\d+))$/.exec(text) ?? [];
  const code =
    hex !== undefined ? Number.parseInt(hex, 16) : decimal !== undefined ? Number(decimal) : entities[text];
  return pack(code ?? -1, last + 1 - at);
}

/** Three digits; −1 for what is none */
function readOctal(bytes: Buffer, from: number, to: number): number {
  if (from + 3 > to) return -1;
  let value = 0;
  for (let at = from; at < from + 3; at += 1) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 7) return -1;
    value = value * 8 + digit;
  }
  return value;
}

/** −1 for what is none */
function readHex(bytes: Buffer, from: number, length: number, to: number): number {
  if (from + length > to) return -1;
  let value = 0;
  for (let at = from; at < from + length; at += 1) {
    const byte = bytes[at] as number;
    const digit =
      byte >= 0x30 && byte <= 0x39
        ? byte - 0x30
        : (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66
          ? (byte | 0x20) - 0x57
          : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** Characters of one byte; others are in no secret. Those keep their escape */
function pack(code: number, length: number): number {
  return code < 1 || code > 0xff ? 0 : (code << 8) | length;
}
