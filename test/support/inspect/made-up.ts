/** Made-up values of documented formats, always the same ones: no value is, or ever was, anybody's. */
import { crc32 } from "node:zlib";

export interface MadeUp {
  bytes(count: number): Buffer;
  /** Below `end` */
  number(end: number): number;
  pick(letters: string, count: number): string;
  hex(count: number): string;
  alnum(count: number): string;
  /** Of so many bytes */
  base64(count: number): string;
  base64url(count: number): string;
  uuid(): string;
  words(count: number): string;
  jwt(): string;
}

const digits = "0123456789";
export const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
export const lower = upper.toLowerCase();
const base62 = digits + upper + lower;
const vocabulary =
  "the request of a user for his list is read from one table and written into another while the server waits until each of them has been closed or the time is over and nothing more can be done about it".split(
    " ",
  );

/** A source of values; equal seeds give equal values. */
export function makeUp(seed: number): MadeUp {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const number = (end: number) => next() % end;
  const bytes = (count: number) => Buffer.from(Array.from({ length: count }, () => next() & 0xff));
  const pick = (letters: string, count: number) =>
    Array.from({ length: count }, () => letters[number(letters.length)]).join("");
  const base64url = (count: number) => bytes(count).toString("base64url");
  return {
    bytes,
    number,
    pick,
    hex: (count) => pick("0123456789abcdef", count),
    alnum: (count) => pick(base62, count),
    base64: (count) => bytes(count).toString("base64"),
    base64url,
    uuid: () =>
      bytes(16)
        .toString("hex")
        .replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
    words: (count) => Array.from({ length: count }, () => vocabulary[number(vocabulary.length)]).join(" "),
    jwt() {
      const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
      const claims = {
        sub: `user-${number(9_999)}`,
        iss: "https://login.example.org",
        iat: 1_700_000_000 + number(9e6),
        scope: "read",
      };
      return [part({ alg: "RS256", typ: "JWT", kid: `k${number(99)}` }), part(claims), base64url(256)].join(
        ".",
      );
    },
  };
}

/** Thirty characters and their checksum, as GitHub and npm write it. */
export function withChecksum(body: string): string {
  let sum = crc32(body);
  let text = "";
  for (let digit = 0; digit < 6; digit += 1) {
    text = (base62[sum % 62] ?? "") + text;
    sum = Math.floor(sum / 62);
  }
  return body + text;
}

/** In parts, so that no scanner of sources takes a format's name for a value. */
export function put(...parts: readonly string[]): string {
  return parts.join("");
}

/** Armour around bytes that look like a key of that size. */
export function armour(label: string, body: Buffer): string {
  const lines = body.toString("base64").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
