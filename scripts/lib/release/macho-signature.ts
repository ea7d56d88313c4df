/**
 * Signs a 64-bit Mach-O program ad hoc: a digest of every page and nobody's name. Bun does this for arm64 itself; for x64 it leaves the
 * runtime's own signature in, which no longer fits the program, and macOS ends what does not fit its signature.
 *
 *   superblob       magic, length, count, then per blob: type, offset       all of the signature is big-endian,
 *   CodeDirectory   version 0x20400, 88 bytes, identifier, page digests     the program itself little-endian
 */
import { createHash } from "node:crypto";

const headerBytes = 32;
const machoMagic = 0xfeedfacf;
const segmentCommand = 0x19;
const signatureCommand = 0x1d;
const superblobMagic = 0xfade0cc0;
const directoryMagic = 0xfade0c02;
const directoryVersion = 0x20400;
const directoryBytes = 88;
const superblobBytes = 20;
/** CS_ADHOC and CS_LINKER_SIGNED: what the system's own linker writes */
const flags = 0x2_0002;
const hashType = 2;
const hashBytes = 32;
const pageBits = 12;
/** CS_EXECSEG_MAIN_BINARY */
const mainBinary = 1n;

interface Layout {
  /** Offset of the command that says where the signature is */
  readonly signature: number;
  /** Offset of the last segment's command, which holds it */
  readonly linkedit: number;
  /** Offset of the code segment's command */
  readonly text: number;
  /** Where the signature begins; everything in front of it is signed */
  readonly codeLimit: number;
}

/** The program with a signature that fits it, in place of the one it has. */
export function signAdHoc(program: Uint8Array, identifier: string): Buffer {
  const layout = readLayout(Buffer.from(program));
  const pages = Math.ceil(layout.codeLimit / 2 ** pageBits);
  const name = Buffer.from(`${identifier}\0`);
  const bytes = align(superblobBytes + directoryBytes + name.length + pages * hashBytes, 16);
  const signed = Buffer.alloc(layout.codeLimit + bytes);
  signed.set(program.subarray(0, layout.codeLimit));
  // The commands are on a page that is signed, so they come first
  resize(signed, layout, bytes);
  const directory = makeDirectory(signed, layout, name, pages);
  const head = Buffer.alloc(superblobBytes);
  [superblobMagic, superblobBytes + directory.length, 1, 0, superblobBytes].forEach((word, index) =>
    head.writeUInt32BE(word, index * 4),
  );
  Buffer.concat([head, directory]).copy(signed, layout.codeLimit);
  return signed;
}

/** Numbers of the pages whose digest is not the one in the program's signature; throws if it has none that can be read. */
export function findUnsignedPages(program: Uint8Array): number[] {
  const file = Buffer.from(program.buffer, program.byteOffset, program.byteLength);
  const { codeLimit } = readLayout(file);
  const start = findDirectory(file, codeLimit);
  const hashes = start + file.readUInt32BE(start + 16);
  const slots = file.readUInt32BE(start + 28);
  const limit = file.readUInt32BE(start + 32);
  const [size, , , bits] = file.subarray(start + 36, start + 40);
  if (size !== hashBytes || bits === undefined) throw new Error("Cannot check a signature: not SHA-256");
  const bad: number[] = [];
  for (let page = 0; page < slots; page += 1) {
    const end = Math.min((page + 1) * 2 ** bits, limit);
    const found = createHash("sha256")
      .update(file.subarray(page * 2 ** bits, end))
      .digest();
    if (!found.equals(file.subarray(hashes + page * hashBytes, hashes + (page + 1) * hashBytes)))
      bad.push(page);
  }
  // What lies after the signed part would not be signed at all
  return limit === codeLimit ? bad : [...bad, slots];
}

function readLayout(file: Buffer): Layout {
  if (file.readUInt32LE(0) !== machoMagic) throw new Error("Cannot sign: this is no 64-bit Mach-O program");
  const found = new Map<string, number>();
  let at = headerBytes;
  for (let count = file.readUInt32LE(16); count > 0; count -= 1) {
    const command = file.readUInt32LE(at);
    if (command === signatureCommand) found.set("signature", at);
    if (command === segmentCommand)
      found.set(file.toString("latin1", at + 8, at + 24).replace(/\0.*/s, ""), at);
    at += file.readUInt32LE(at + 4);
  }
  const [signature, linkedit, text] = ["signature", "__LINKEDIT", "__TEXT"].map((name) => found.get(name));
  if (signature === undefined || linkedit === undefined || text === undefined)
    throw new Error("Cannot sign: the program has no place for a signature");
  return { signature, linkedit, text, codeLimit: file.readUInt32LE(signature + 8) };
}

function resize(file: Buffer, { signature, linkedit, codeLimit }: Layout, bytes: number): void {
  file.writeUInt32LE(bytes, signature + 12);
  const length = BigInt(codeLimit + bytes) - file.readBigUInt64LE(linkedit + 40);
  file.writeBigUInt64LE(length, linkedit + 48);
  // In memory a segment is whole pages, the largest that any of its machines has
  file.writeBigUInt64LE(BigInt(align(Number(length), 0x4000)), linkedit + 32);
}

function makeDirectory(file: Buffer, { text, codeLimit }: Layout, name: Buffer, pages: number): Buffer {
  const directory = Buffer.alloc(directoryBytes + name.length + pages * hashBytes);
  const hashes = directoryBytes + name.length;
  const words = [
    directoryMagic,
    directory.length,
    directoryVersion,
    flags,
    hashes,
    directoryBytes,
    0,
    pages,
    codeLimit,
  ];
  words.forEach((word, index) => directory.writeUInt32BE(word, index * 4));
  directory.set([hashBytes, hashType, 0, pageBits], 36);
  directory.writeBigUInt64BE(file.readBigUInt64LE(text + 40), 64);
  directory.writeBigUInt64BE(file.readBigUInt64LE(text + 48), 72);
  directory.writeBigUInt64BE(mainBinary, 80);
  name.copy(directory, directoryBytes);
  for (let page = 0; page < pages; page += 1) {
    const end = Math.min((page + 1) * 2 ** pageBits, codeLimit);
    const digest = createHash("sha256")
      .update(file.subarray(page * 2 ** pageBits, end))
      .digest();
    digest.copy(directory, hashes + page * hashBytes);
  }
  return directory;
}

function findDirectory(file: Buffer, superblob: number): number {
  if (file.readUInt32BE(superblob) !== superblobMagic)
    throw new Error("Cannot check a signature: there is none");
  for (let index = 0; index < file.readUInt32BE(superblob + 8); index += 1) {
    const at = superblob + file.readUInt32BE(superblob + 16 + index * 8);
    if (file.readUInt32BE(at) === directoryMagic && file[at + 37] === hashType) return at;
  }
  throw new Error("Cannot check a signature: it has no SHA-256 digests");
}

function align(size: number, unit: number): number {
  return Math.ceil(size / unit) * unit;
}
