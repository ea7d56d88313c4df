/** What a text holds in base64 or hex, as UTF-16, compressed or in an archive: read once, so that it can be looked at like the text itself. */
import { gunzipSync, inflateSync } from "node:zlib";
import { readArchive } from "./archives.ts";

/** Of a run that is read: enough for any secret worth the name */
const base64Runs = /[A-Za-z0-9+/_-]{20,}(?:(?:\r?\n|\\n)[ \t]*[A-Za-z0-9+/_-]{4,})*/g;
const hexRuns =
  /(?<![0-9a-fA-F])(?:[0-9a-fA-F]{2}){12,}(?![0-9a-fA-F])|[0-9a-fA-F]{2}(?:[: ][0-9a-fA-F]{2}){11,}/g;
const base32Runs = /(?<![A-Z2-7a-z])[A-Z2-7]{24,}(?![A-Za-z2-7])/g;
const gap = Buffer.from("\0\n\0");
const mostInflated = 1024 * 1024;
const leastNuls = 0.2;

/** Everything that is written otherwise in these bytes, in one piece each kind. */
export function readNested(bytes: Buffer): Buffer[] {
  const text = bytes.toString("latin1", 0, bytes.length);
  const runs = [...text.matchAll(base64Runs)].flatMap(([run]) => readBase64(run));
  const hex = [...text.matchAll(hexRuns)].map(([run]) => Buffer.from(run.replaceAll(/[: ]/g, ""), "hex"));
  const base32 = [...text.matchAll(base32Runs)].map(([run]) => readBase32(run));
  return [
    join(runs),
    join(hex),
    join(base32),
    ...dropNuls(bytes),
    ...inflate(bytes),
    ...readArchive(bytes),
  ].filter((one) => one.length > 0);
}

function join(parts: readonly Buffer[]): Buffer {
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts.flatMap((one) => [one, gap]));
}

function readBase64(run: string): Buffer[] {
  const read = Buffer.from(run.replaceAll(/\\n|\s/g, ""), "base64");
  return [read, ...inflate(read)];
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

/** UTF-16 of ASCII: every other byte is a NUL */
function dropNuls(bytes: Buffer): Buffer[] {
  let nuls = 0;
  for (const byte of bytes) if (byte === 0) nuls += 1;
  return nuls > bytes.length * leastNuls ? [Buffer.from(bytes.filter((byte) => byte !== 0))] : [];
}

function inflate(bytes: Buffer): Buffer[] {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const isZlib =
    bytes[0] === 0x78 &&
    ((bytes[1] ?? 0) & 0x1f) === (bytes[1] === 0x9c ? 0x1c : bytes[1] === 0xda ? 0x1a : 1);
  if (!isGzip && !isZlib) return [];
  try {
    return [(isGzip ? gunzipSync : inflateSync)(bytes, { maxOutputLength: mostInflated, finishFlush: 2 })];
  } catch {
    // Only looks like it, or is too much
    return [];
  }
}
