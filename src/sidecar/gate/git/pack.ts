/**
 * Finds the objects of a pack, https://git-scm.com/docs/pack-format, without opening more than the limits allow: the size that an object
 * says it has is looked at before it is opened, and it may have no other.
 */
import { createHash } from "node:crypto";
import * as zlib from "node:zlib";
import { GitProblem } from "./problem.ts";

export interface PackLimits {
  /** As sent */
  readonly packBytes: number;
  /** Of one object, opened */
  readonly objectBytes: number;
  /** Of all that is opened */
  readonly openedBytes: number;
  readonly objects: number;
  /** Of commits, trees and unfinished objects that are kept at a time */
  readonly keptBytes: number;
  readonly milliseconds: number;
}

const mebibyte = 1024 * 1024;
/** As large as a gate of this memory can look at; in docs/git-rules.md too */
export const packLimits: PackLimits = {
  packBytes: 128 * mebibyte,
  objectBytes: 32 * mebibyte,
  openedBytes: 1024 * mebibyte,
  objects: 500_000,
  keptBytes: 128 * mebibyte,
  milliseconds: 120_000,
};

export type HashName = "sha1" | "sha256";
export type ObjectKind = "commit" | "tree" | "blob" | "tag";

/** One object as it lies in the pack. */
export interface PackEntry {
  readonly offset: number;
  /** Unset for what is written as what differs from another one */
  readonly kind?: ObjectKind;
  /** Where that one is: in the pack, or by its id */
  readonly base?: number | string;
  /** Opened */
  readonly size: number;
  /** Of its compressed bytes */
  readonly start: number;
}

const headerBytes = 12;
const kinds: Readonly<Record<number, ObjectKind>> = { 1: "commit", 2: "tree", 3: "blob", 4: "tag" };
const offsetDelta = 6;
const namedDelta = 7;

/** What is too large to be looked at. */
export function tooLarge(what: string): GitProblem {
  return new GitProblem("git-rule", `it is too large to be looked at: ${what}`);
}

/** What cannot be read as a pack. */
export function unreadable(what: string): GitProblem {
  return new GitProblem("git-rule", `its pack cannot be read: ${what}`);
}

interface Opened {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}
type Inflate = (
  bytes: Buffer,
  options: { readonly info: true; readonly maxOutputLength: number; readonly chunkSize: number },
) => Opened;
const inflate = zlib.inflateSync as unknown as Inflate;
const leastChunk = 64;

/** Opens what begins at a place; its size is known. */
export function openAt(
  pack: Buffer,
  start: number,
  size: number,
): { readonly bytes: Buffer; readonly end: number } {
  let opened: Opened;
  try {
    const chunkSize = Math.max(leastChunk, size + 1);
    opened = inflate(pack.subarray(start), { info: true, maxOutputLength: size + 1, chunkSize });
  } catch {
    throw unreadable("an object is damaged, or not as large as it says");
  }
  if (opened.buffer.length !== size) throw unreadable("an object is not as large as it says");
  return { bytes: opened.buffer, end: start + opened.engine.bytesWritten };
}

/** All its entries, each opened once; yields after each, so that whoever asks can let others go on. Throws a `GitProblem`. */
export function* listEntries(pack: Buffer, hash: HashName, limits: PackLimits): Generator<PackEntry> {
  const count = readHead(pack, hash, limits);
  const end = pack.length - hashBytes(hash);
  const body = pack.subarray(0, end);
  let left = limits.openedBytes;
  let at = headerBytes;
  for (let index = 0; index < count; index += 1) {
    const entry = readEntry(body, at, hash);
    if (entry.size > limits.objectBytes)
      throw tooLarge(`a file has more than ${limits.objectBytes / mebibyte} MiB`);
    left -= entry.size;
    if (left < 0) throw tooLarge(`its files have more than ${limits.openedBytes / mebibyte} MiB`);
    at = openAt(body, entry.start, entry.size).end;
    yield entry;
  }
  if (at !== end) throw unreadable("it goes on after its last object");
}

function readHead(pack: Buffer, hash: HashName, limits: PackLimits): number {
  const end = pack.length - hashBytes(hash);
  if (end < headerBytes || pack.toString("latin1", 0, 4) !== "PACK") throw unreadable("it is none");
  const version = pack.readUInt32BE(4);
  if (version !== 2) throw unreadable("it is of another version");
  const sum = createHash(hash).update(pack.subarray(0, end)).digest();
  if (!sum.equals(pack.subarray(end))) throw unreadable("its checksum is wrong");
  const count = pack.readUInt32BE(8);
  if (count > limits.objects) throw tooLarge(`it has more than ${limits.objects} objects`);
  return count;
}

function readEntry(bytes: Buffer, offset: number, hash: HashName): PackEntry {
  let at = offset;
  let byte = byteAt(bytes, at++);
  const type = (byte >> 4) & 7;
  let size = byte & 15;
  for (let factor = 16; byte & 0x80; factor *= 128) {
    byte = byteAt(bytes, at++);
    size += (byte & 0x7f) * factor;
    if (!Number.isSafeInteger(size)) throw unreadable("an object has no size");
  }
  const kind = kinds[type];
  if (kind) return { offset, kind, size, start: at };
  if (type === offsetDelta) {
    const back = readBack(bytes, at);
    if (back.distance > offset - headerBytes) throw unreadable("an object builds on what is not there");
    return { offset, base: offset - back.distance, size, start: back.end };
  }
  if (type !== namedDelta) throw unreadable("an object is of no kind");
  const end = at + hashBytes(hash);
  if (end > bytes.length) throw unreadable("it ends too early");
  return { offset, base: bytes.toString("hex", at, end), size, start: end };
}

/** https://git-scm.com/docs/pack-format: each further byte stands for one more than its bits say */
function readBack(bytes: Buffer, from: number): { readonly distance: number; readonly end: number } {
  let at = from;
  let byte = byteAt(bytes, at++);
  let distance = byte & 0x7f;
  while (byte & 0x80) {
    byte = byteAt(bytes, at++);
    distance = (distance + 1) * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(distance)) throw unreadable("an object builds on what is not there");
  }
  return { distance, end: at };
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw unreadable("it ends too early");
  return byte;
}

function hashBytes(hash: HashName): number {
  return hash === "sha1" ? 20 : 32;
}
