/** Runs bodies through a scrubber, in pieces, and writes values in the ways in which servers write them. */
import type { Transform } from "node:stream";
import { makeScrubber } from "../../src/sidecar/gate/bound-scrub.ts";

export interface ScrubbedBody {
  /** Latin-1 */
  readonly text: string;
  /** Bytes that had come out after each piece, and at the end */
  readonly sizes: readonly number[];
  /** Values that were taken out; -1 if nobody counted */
  readonly count: number;
}

/** What comes out of a scrubber for these values, each of which has the same placeholder. */
export function scrubBody(
  pieces: readonly Buffer[],
  values: readonly string[],
  placeholder: string,
): Promise<ScrubbedBody> {
  let count = 0;
  const scrubber = makeScrubber(values.map((value) => ({ value, placeholder })));
  return passThrough(
    pieces,
    scrubber.makeStream(() => (count += 1)),
    () => count,
  );
}

/** What comes out of a stream. */
export async function passThrough(
  pieces: readonly Buffer[],
  stream: Transform,
  count = () => -1,
): Promise<ScrubbedBody> {
  const out: Buffer[] = [];
  let size = 0;
  const sizes: number[] = [];
  stream.on("data", (chunk: Buffer) => (out.push(chunk), (size += chunk.length)));
  const ended = new Promise((resolve, reject) => stream.once("end", resolve).once("error", reject));
  for (const piece of pieces) {
    await new Promise((resolve) => stream.write(piece, resolve));
    sizes.push(size);
  }
  stream.end();
  await ended;
  return { text: Buffer.concat(out).toString("latin1"), sizes: [...sizes, size], count: count() };
}

/**
 * The control: the rule that once was, which holds the end of a piece back if a value begins so. Stands alone, so that its source can be
 * put into a program.
 */
export function makeLeakyStream(value: string, placeholder: string, Base: typeof Transform): Transform {
  let held = "";
  return new Base({
    transform(chunk: Buffer, _encoding, callback) {
      const text = (held + chunk.toString("latin1")).replaceAll(value, placeholder);
      let keep = Math.min(value.length - 1, text.length);
      while (keep > 0 && !value.startsWith(text.slice(text.length - keep))) keep -= 1;
      held = text.slice(text.length - keep);
      callback(null, Buffer.from(text.slice(0, text.length - keep), "latin1"));
    },
    flush(callback) {
      callback(null, Buffer.from(held, "latin1"));
    },
  });
}

const each = (write: (code: number, sign: string) => string) => (value: string) =>
  [...value].map((sign) => write(sign.charCodeAt(0), sign)).join("");
const hex = (code: number, digits = 2) => code.toString(16).padStart(digits, "0");
const signs = /[^A-Za-z0-9]/;
const signsAs = (write: (code: number) => string) =>
  each((code, sign) => (signs.test(sign) ? write(code) : sign));

/** By name. What is found of each is the value whole. */
export const writers: Readonly<Record<string, (value: string) => string>> = {
  itself: (value) => value,
  "upper case": (value) => value.toUpperCase(),
  "lower case": (value) => value.toLowerCase(),
  percent: encodeURIComponent,
  "percent in lower case": (value) =>
    encodeURIComponent(value).replaceAll(/%../g, (code) => code.toLowerCase()),
  "percent with + and = left bare": (value) =>
    encodeURIComponent(value).replaceAll("%2B", "+").replaceAll("%3D", "="),
  "a form's space": (value) => encodeURIComponent(value).replaceAll("%20", "+"),
  "percent everywhere": each((code) => `%${hex(code)}`),
  "percent twice": (value) => encodeURIComponent(encodeURIComponent(value)),
  "percent three times": (value) => encodeURIComponent(encodeURIComponent(encodeURIComponent(value))),
  "escape()": signsAs((code) => `%u${hex(code, 4)}`),
  JSON: (value) => JSON.stringify(value).slice(1, -1),
  "JSON with \\/": (value) => JSON.stringify(value).slice(1, -1).replaceAll("/", "\\/"),
  "JSON with \\u": signsAs((code) => `\\u${hex(code, 4)}`),
  "JSON in JSON": (value) => JSON.stringify(JSON.stringify(value)).slice(3, -3),
  "JSON with \\u in JSON": signsAs((code) => `\\\\u${hex(code, 4)}`),
  "\\u{}": signsAs((code) => `\\u{${hex(code, 1)}}`),
  "\\x": signsAs((code) => `\\x${hex(code)}`),
  octal: signsAs((code) => `\\${code.toString(8).padStart(3, "0")}`),
  HTML: (value) =>
    value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;"),
  "HTML in hex": signsAs((code) => `&#x${hex(code)};`),
  "HTML in upper-case hex": signsAs((code) => `&#X${hex(code).toUpperCase()};`),
  "HTML in decimals": signsAs((code) => `&#${code};`),
  "HTML in decimals with zeros": signsAs((code) => `&#${String(code).padStart(5, "0")};`),
  "HTML by names": (value) =>
    value
      .replaceAll("&", "&amp;")
      .replaceAll("/", "&sol;")
      .replaceAll("+", "&plus;")
      .replaceAll("=", "&equals;"),
  "percent in HTML": (value) => encodeURIComponent(value).replaceAll("%", "&#37;"),
  "hex digits": (value) => Buffer.from(value).toString("hex"),
  "upper-case hex digits": (value) => Buffer.from(value).toString("hex").toUpperCase(),
  "hex digits in lines": (value) =>
    `${"0".repeat(40)}${Buffer.from(value).toString("hex")}`.replaceAll(/.{60}/g, "$&\n"),
  "UTF-16LE": (value) => Buffer.from(value, "utf16le").toString("latin1"),
  "UTF-16BE": each((_code, sign) => `\0${sign}`),
  "UTF-32": each((_code, sign) => `\0\0\0${sign}`),
  "percent in UTF-16": (value) => Buffer.from(encodeURIComponent(value), "utf16le").toString("latin1"),
};
