/**
 * Takes real values out of what comes back from a host: as they are, and in the forms in which servers usually repeat what they were
 * sent. Streams hold back no more than the beginning of a possible match, so that an event stream is not delayed. What is compressed
 * or encrypted inside a body, wrapped into lines, or encoded in any other way is not found.
 */
import { Transform } from "node:stream";

/** What is looked for, and what stands there instead. */
export interface Replacement {
  readonly from: Buffer;
  readonly to: Buffer;
}

/** A real value and its placeholder. */
export interface Scrubbed {
  readonly value: string;
  readonly placeholder: string;
}

/** All forms of all values; of equal ones the first. */
export function makeReplacements(secrets: readonly Scrubbed[]): Replacement[] {
  const found = new Map<string, Buffer>();
  for (const { value, placeholder } of secrets) {
    for (const form of listForms(value)) {
      if (!found.has(form)) found.set(form, Buffer.from(placeholder));
    }
  }
  return [...found].map(([from, to]) => ({ from: Buffer.from(from), to }));
}

/** As it is, in a URL, in JSON, in HTML, in hex, and in base64 wherever in the encoded text it begins. */
function listForms(value: string): string[] {
  const percent = encodeURIComponent(value);
  const json = JSON.stringify(value).slice(1, -1);
  const hex = Buffer.from(value).toString("hex");
  const base64 = [0, 1, 2].map((offset) => encodeAt(value, offset));
  return [
    value,
    percent,
    percent.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    json,
    json.replaceAll("/", "\\/"),
    value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
    hex,
    hex.toUpperCase(),
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
  ];
}

/**
 * The characters of base64 that depend on the value alone when `offset` bytes (of three) stand before it. In `user:value` the value
 * begins anywhere, and what is before and behind it is not known.
 */
function encodeAt(value: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
  return bytes.toString("base64").slice(Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6));
}

/** Replaces in a whole text of one byte a character, such as a header's value. */
export function scrubText(text: string, replacements: readonly Replacement[]): string {
  const { done } = replaceIn(Buffer.from(text, "latin1"), replacements, true);
  return Buffer.concat(done).toString("latin1");
}

/** A stream that does the same for a body, in pieces of any size. */
export function makeScrubber(replacements: readonly Replacement[]): Transform {
  let held: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const { done, rest } = replaceIn(bytes, replacements, false);
      // A copy: a view would keep the whole chunk alive
      held = Buffer.from(rest);
      for (const part of done) if (part.length > 0) this.push(part);
      callback();
    },
    flush(callback) {
      for (const part of replaceIn(held, replacements, true).done) if (part.length > 0) this.push(part);
      callback();
    },
  });
}

/** Leftmost match first, the longest of those that begin there. Unless it is the end, `rest` is what could still become a match. */
function replaceIn(
  bytes: Buffer,
  replacements: readonly Replacement[],
  isEnd: boolean,
): { readonly done: Buffer[]; readonly rest: Buffer } {
  const done: Buffer[] = [];
  const next = replacements.map(({ from }) => bytes.indexOf(from));
  for (let at = 0; ;) {
    const holdFrom = isEnd ? bytes.length : findBeginning(bytes, at, replacements);
    const best = pickFirst(next, replacements);
    const start = best === undefined ? bytes.length : (next[best] ?? bytes.length);
    const match = best === undefined ? undefined : replacements[best];
    // What began earlier and is not whole yet goes first
    if (!match || start >= holdFrom) {
      done.push(bytes.subarray(at, holdFrom));
      return { done, rest: bytes.subarray(holdFrom) };
    }
    done.push(bytes.subarray(at, start), match.to);
    at = start + match.from.length;
    for (const [index, { from }] of replacements.entries()) {
      const known = next[index] ?? -1;
      if (known >= 0 && known < at) next[index] = bytes.indexOf(from, at);
    }
  }
}

function pickFirst(next: readonly number[], replacements: readonly Replacement[]): number | undefined {
  let best: number | undefined;
  for (const [index, at] of next.entries()) {
    if (at < 0) continue;
    const known = best === undefined ? Infinity : (next[best] ?? Infinity);
    const isLonger = (replacements[index]?.from.length ?? 0) > (replacements[best ?? -1]?.from.length ?? 0);
    if (at < known || (at === known && isLonger)) best = index;
  }
  return best;
}

/** Where the earliest match that is not whole yet begins; the end if there is none. */
function findBeginning(bytes: Buffer, from: number, replacements: readonly Replacement[]): number {
  let found = bytes.length;
  for (const { from: wanted } of replacements) {
    const first = wanted[0] ?? 0;
    let at = bytes.indexOf(first, Math.max(from, bytes.length - wanted.length + 1));
    while (at >= 0 && at < found) {
      if (wanted.subarray(0, bytes.length - at).equals(bytes.subarray(at))) found = at;
      at = bytes.indexOf(first, at + 1);
    }
  }
  return found;
}
