/** What is looked for when a value must not pass: its characters, its hex digits, and its base64 wherever in the encoded text it begins. */
import { randomBytes } from "node:crypto";
import { decodeLayer, makeFirstLayer } from "./bound-escapes.ts";
import type { Layer } from "./bound-escapes.ts";

/** A real value and its placeholder. */
export interface Scrubbed {
  readonly value: string;
  readonly placeholder: string;
}

/** One sequence of characters, as its alphabet numbers them. */
export interface Form {
  readonly values: Uint8Array;
  /** Index of the secret */
  readonly secret: number;
  /** Bytes that it may stand in at most */
  readonly widest: number;
  /** Characters before and behind it that hold bits of the value too */
  readonly before: number;
  readonly behind: number;
}

/** Forms of one length, which are looked for together. */
export interface FormGroup {
  readonly length: number;
  /** What the first of so many characters adds to their hash, for each of its number */
  readonly weight: number;
  readonly forms: readonly Form[];
  /** Of each form, by its index */
  readonly hashes: Int32Array;
}

/** All forms of all secrets, by the alphabet in which they are written. */
export interface Forms {
  readonly plain: readonly FormGroup[];
  readonly base64: readonly FormGroup[];
  readonly hex: readonly FormGroup[];
  /** Bytes that none of them is shorter than; from the lengths of the values alone */
  readonly shortest: number;
  /** Bytes behind a place that decide whether a form begins there; from the lengths of the values alone */
  readonly reach: number;
}

/** Numbers in an alphabet's table; all below are its characters */
export const skipped = 254;
export const foreign = 255;

/** Upper and lower case are one, and a space is the `+` that forms make of it: hosts that write a value otherwise are found as well */
export const plainAlphabet = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x2b) return 0x20;
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
});
/** Both alphabets of RFC 4648 */
export const base64Alphabet = makeAlphabet((text) => {
  const signs: Readonly<Record<string, number>> = { "+": 62, "-": 62, "/": 63, _: 63 };
  if (/[A-Za-z0-9]/.test(text)) return (Buffer.from(`${text}AAA`, "base64")[0] ?? 0) >> 2;
  return signs[text];
});
export const hexAlphabet = makeAlphabet((text) =>
  /[0-9a-fA-F]/.test(text) ? Number.parseInt(text, 16) : undefined,
);

/** Of the hash; unknown to whoever writes a text, so that none can be made to meet the hash of a form */
const base = randomBytes(4).readInt32LE() | 1;

/** A value is found in so many bytes for each of its characters, and not if it stands in more */
const widestCharacter = 12;
/** Escapes inside of escapes are known for what they are once so many bytes behind them are there */
const lookAhead = 96;
/** What is held back tells no more of a value's length than this many bytes do */
const reachStep = 512;
/** A value that can be read as escapes is looked for as they read too, unless too little is left */
const leastDecoded = 8;

/** The forms of these secrets. The first one's placeholder stands for a form that two of them have. */
export function makeForms(secrets: readonly Scrubbed[]): Forms {
  const plain = secrets.flatMap(({ value }, secret) =>
    listReadings(value).map((text) => makeForm(text.map(fold), secret, value.length)),
  );
  const base64 = secrets.flatMap(({ value }, secret) => encodeBase64(value, secret));
  const hex = secrets.map(({ value }, secret) => {
    const nibbles = [...Buffer.from(value)].flatMap((byte) => [byte >> 4, byte & 15]);
    return makeForm(Uint8Array.from(nibbles), secret, value.length);
  });
  const lengths = secrets.map((one) => one.value.length);
  return {
    plain: group(plain),
    base64: group(base64),
    hex: group(hex),
    shortest: Math.min(leastDecoded, ...lengths),
    reach: Math.ceil((Math.max(0, ...lengths) * widestCharacter + lookAhead) / reachStep) * reachStep,
  };
}

/** The next hash for one more character. */
export function addToHash(hash: number, value: number): number {
  return (Math.imul(hash, base) + value) | 0;
}

function fold(byte: number): number {
  return plainAlphabet[byte] ?? foreign;
}

function makeForm(
  values: Uint8Array,
  secret: number,
  length: number,
  edges = { before: 0, behind: 0 },
): Form {
  return { values, secret, widest: length * widestCharacter, ...edges };
}

/** The value's bytes, and what is left of them once what looks like an escape was read as one: a server's text is read so as well */
function listReadings(value: string): Uint8Array[] {
  const bytes = Uint8Array.from(Buffer.from(value));
  const readings = [bytes];
  let layer: Layer | undefined = makeFirstLayer(bytes, 0, bytes.length);
  while ((layer = decodeLayer(layer)?.layer) && layer.count >= leastDecoded && readings.length < 4)
    readings.push(layer.values.slice(0, layer.count));
  return readings;
}

/**
 * For no, one or two bytes before the value: the characters of base64 that depend on it alone. All three are made equally long, and
 * those beside them that depend on it in part are told in `before` and `behind`.
 */
function encodeBase64(value: string, secret: number): Form[] {
  const bits = (bytes: number) => bytes * 8;
  const whole = [0, 1, 2].map((offset) => ({
    from: Math.ceil(bits(offset) / 6),
    to: Math.floor(bits(offset + value.length) / 6),
    end: Math.ceil(bits(offset + value.length) / 6),
    text: Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]).toString("base64"),
  }));
  const length = Math.min(...whole.map(({ from, to }) => to - from));
  return whole.map(({ from, end, text }, offset) => {
    const bytes = Buffer.from(text.slice(from, from + length));
    const values = Uint8Array.from(bytes, (byte) => base64Alphabet[byte] ?? foreign);
    const edges = { before: offset === 0 ? 0 : 1, behind: end - from - length };
    return makeForm(values, secret, value.length, edges);
  });
}

function group(forms: readonly Form[]): FormGroup[] {
  const lengths = [...new Set(forms.map((form) => form.values.length))];
  return lengths.map((length) => {
    let weight = 1;
    for (let at = 1; at < length; at += 1) weight = Math.imul(weight, base);
    const some = forms.filter((form) => form.values.length === length);
    const hashes = Int32Array.from(some, ({ values }) =>
      values.reduce((hash, value) => addToHash(hash, value), 0),
    );
    return { length, weight, forms: some, hashes };
  });
}

function makeAlphabet(number: (text: string) => number | undefined): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => {
    if (byte === 0x0a) return skipped;
    return number(String.fromCharCode(byte)) ?? foreign;
  });
}
