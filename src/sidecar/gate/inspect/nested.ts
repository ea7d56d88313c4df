/** What a text holds in base64 or as numbers, as UTF-16, compressed or in an archive: read once, so that it can be looked at like the text itself. */
import { gunzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { readArchive } from "./archives.ts";
import { readNumbers, readQuotedPrintable } from "./written-bytes.ts";

/** Of a run that is read: twelve bytes, the least part of a secret that is looked for */
const base64Runs = /[A-Za-z0-9+/_-]{16,}(?:(?:\r?\n|\\n)[ \t]*[A-Za-z0-9+/_-]{4,})*/g;
const base32Runs = /(?<![A-Z2-7a-z])[A-Z2-7]{24,}(?![A-Za-z2-7])/g;
/** UTF-16 of ASCII: every other byte is a NUL */
const wideRuns = /(?:[\t\n\r\x20-\x7e]\0){12,}|(?:\0[\t\n\r\x20-\x7e]){12,}/g;
const gap = Buffer.from("\0\n\0");
const mostInflated = 1024 * 1024;
const gzipMagic = Buffer.from([0x1f, 0x8b, 0x08]);
/** What is tried without knowing whether it is compressed, so that a hostile text does not cost more than another */
const shortText = 8_192;
const leastRaw = 24;
const mostRaw = 8;
/** Lengths of codes, less 257 and less 1: those above are no longer codes */
const mostSymbols = 29;

/** Everything that is written otherwise in these bytes, in one piece each kind. */
export function readNested(bytes: Buffer): Buffer[] {
  const text = bytes.toString("latin1", 0, bytes.length);
  const base64 = [...text.matchAll(base64Runs)].map(([run]) => readBase64(run));
  const runs = base64.flatMap((read) => [read, ...inflate(read)]);
  const base32 = [...text.matchAll(base32Runs)].map(([run]) => readBase32(run));
  const wide = [...text.matchAll(wideRuns)].map(([run]) => Buffer.from(run.replaceAll("\0", ""), "latin1"));
  return [
    join(runs),
    ...readNumbers(text).map(join),
    join(base32),
    ...(bytes.length <= shortText ? [join(inflateRaw(base64))] : []),
    ...readQuotedPrintable(text),
    join(wide),
    ...inflate(bytes),
    ...inflateWithin(bytes),
    ...readArchive(bytes),
  ].filter((one) => one.length > 0);
}

function join(parts: readonly Buffer[]): Buffer {
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts.flatMap((one) => [one, gap]));
}

function readBase64(run: string): Buffer {
  return Buffer.from(run.replaceAll(/\\n|\s/g, ""), "base64");
}

/** Without a mark at its beginning, as SAML has it in addresses: tried with the first ones of a short text. */
function inflateRaw(runs: readonly Buffer[]): Buffer[] {
  const long = runs.filter((run) => run.length >= leastRaw).slice(0, mostRaw);
  return long.filter(mayBeDeflate).flatMap((run) => tryInflate(inflateRawSync, run));
}

/**
 * RFC 1951, 3.2.3: false for what inflating would fail at by its first bytes. Most of what is tried is not compressed, and an error of
 * zlib costs a hundred times as much as this.
 */
export function mayBeDeflate(bytes: Buffer): boolean {
  const [first = 0, second = 0] = bytes;
  const kind = (first >> 1) & 3;
  if (kind === 0) return bytes.readUInt16LE(1) === (~bytes.readUInt16LE(3) & 0xffff);
  if (kind === 2) return first >> 3 <= mostSymbols && (second & 0x1f) <= mostSymbols;
  return kind === 1;
}

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function readBase32(run: string): Buffer {
  const out = Buffer.alloc(Math.floor((run.length * 5) / 8));
  let bits = 0;
  let value = 0;
  let at = 0;
  for (const letter of run) {
    value = ((value << 5) | base32.indexOf(letter)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out[at] = (value >> bits) & 0xff;
    at += 1;
  }
  return out;
}

function inflate(bytes: Buffer): Buffer[] {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const isZlib =
    bytes[0] === 0x78 &&
    ((bytes[1] ?? 0) & 0x1f) === (bytes[1] === 0x9c ? 0x1c : bytes[1] === 0xda ? 0x1a : 1);
  return isGzip || isZlib ? tryInflate(isGzip ? gunzipSync : inflateSync, bytes) : [];
}

/** Files in a form, a body after a frame of gRPC */
function inflateWithin(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  let at = bytes.indexOf(gzipMagic, 1);
  for (let count = 0; at >= 0 && count < mostRaw; count += 1) {
    found.push(...tryInflate(gunzipSync, bytes.subarray(at)));
    at = bytes.indexOf(gzipMagic, at + gzipMagic.length);
  }
  return found;
}

function tryInflate(open: typeof gunzipSync, bytes: Buffer): Buffer[] {
  try {
    return [open(bytes, { maxOutputLength: mostInflated, finishFlush: 2 })];
  } catch {
    // Only looks like it, or is too much
    return [];
  }
}
