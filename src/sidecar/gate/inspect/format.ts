/** What a table of secret formats says of each, and the checks that tell a secret from what only looks like one. */
import { crc32 } from "node:zlib";
import { measureEntropy } from "./secret-like.ts";

/** One format of secrets that a service hands out. */
export interface Format {
  /** As it is told and allowed */
  readonly rule: string;
  /** One of these stands in every value; at least three characters */
  readonly literals: readonly string[];
  /** Upper and lower case of the literals are one */
  readonly isFolded?: boolean;
  /**
   * Sticky, bounded in length, and soon at its end where the literal comes again: a text made of literals must not be read many times.
   * Its first group, if it has one, is the part that must not look like a placeholder
   */
  readonly pattern: RegExp;
  /** So many characters in front of the literal it begins, to be tried in turn; 0 by default */
  readonly before?: readonly number[];
  /** It may stand within other letters and digits */
  readonly isAnywhere?: boolean;
  /** Of a literal that texts are full of: false if the bytes after it show at once that nothing begins there, however they are escaped */
  mayBegin?(bytes: Buffer, at: number): boolean;
  /** More than the pattern can say */
  isValid?(match: RegExpExecArray): boolean;
  /** Known to stand in public, or made for tests: told, and let through */
  readonly isTold?: boolean;
  /** Hosts that hand it out: in a credential header it goes where it belongs */
  readonly home?: readonly string[];
}

const placeholder =
  /example|placeholder|redacted|changeme|replace|your[_-]|dummy|xxxx|\*\*\*|\.\.\.|[<>{}$]|(.)\1{5}|0123456|1234567890|abcdefgh/i;
const leastEntropy = 2.8;

/** Made up for a document: repeated, counted up, or with a word that says so. */
export function isPlaceholder(text: string): boolean {
  if (placeholder.test(text)) return true;
  if (text.length >= 12 && measureEntropy(text) < leastEntropy) return true;
  let steps = 0;
  for (let at = 1; at < text.length; at += 1)
    if (Math.abs(text.charCodeAt(at) - text.charCodeAt(at - 1)) <= 1) steps += 1;
  return text.length >= 8 && steps > text.length / 2;
}

const passwordWords =
  /^(?:pass(?:word|wd)?|secret|pwd|user(?:name)?|token|admin|root|test(?:ing)?|postgres|guest|minio\w*|mysql|redis|mongo|changeit|foo|bar|my[_-]?\w*|\W+|.)\d{0,4}$/i;

/** A password in an address that stands in every tutorial. */
export function isPasswordWord(password: string): boolean {
  return passwordWords.test(password) || placeholder.test(password);
}

/** Long enough, and none that stands in every tutorial. */
export function isRealPassword(password: string): boolean {
  return password.length >= 6 && !isPasswordWord(password);
}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** GitHub's and npm's: 30 characters, and their CRC32 in six of base 62. */
export function hasChecksum(body: string): boolean {
  let sum = checksum(body.slice(0, -6));
  let text = "";
  for (let digit = 0; digit < 6; digit += 1) {
    text = (base62[sum % 62] ?? "") + text;
    sum = Math.floor(sum / 62);
  }
  return body.endsWith(text);
}

/** CRC32; Node has it since 22.2. */
const checksum: (text: string) => number = typeof crc32 === "function" ? crc32 : slowChecksum;

function slowChecksum(text: string): number {
  let sum = ~0;
  for (const byte of Buffer.from(text, "latin1")) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** Base64 of `name:password`, or undefined. */
export function readBasic(text: string): readonly [name: string, password: string] | undefined {
  const decoded = Buffer.from(text, "base64").toString("latin1");
  const at = decoded.indexOf(":");
  return at > 0 && /^[\x20-\x7e]+$/.test(decoded) ? [decoded.slice(0, at), decoded.slice(at + 1)] : undefined;
}
