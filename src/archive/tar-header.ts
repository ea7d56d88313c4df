/** One header block of a tar: read with a checksum that must be right, and written as ustar, with a pax header where that has no room. */
import { renderPax } from "./pax.ts";
import { BrokenArchive } from "./tar-item.ts";
import type { Member } from "./tar-item.ts";

export const blockBytes = 512;

const emptyBlock = Buffer.alloc(blockBytes);

export interface TarHeader {
  readonly name: string;
  readonly mode: number;
  readonly size: number;
  readonly changedAt: number;
  /** One character */
  readonly type: string;
  readonly linkTarget: string;
  /** Of GNU tar's sparse files: more blocks of their map follow */
  readonly hasMoreMap: boolean;
}

/** Undefined for the empty block that ends an archive. */
export function parseHeader(block: Buffer): TarHeader | undefined {
  if (emptyBlock.equals(block)) return undefined;
  checkSum(block);
  const size = readNumber(block, 124, 12);
  if (size === undefined || !(size >= 0)) throw new BrokenArchive("a file in it has no possible size");
  const isUstar = block.toString("latin1", 257, 263) === "ustar\0";
  const prefix = isUstar ? readText(block, 345, 155) : "";
  const name = readText(block, 0, 100);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    mode: readNumber(block, 100, 8) ?? 0,
    size,
    changedAt: readNumber(block, 136, 12) ?? 0,
    type: block.toString("latin1", 156, 157),
    linkTarget: readText(block, 157, 100),
    hasMoreMap: block[482] !== 0,
  };
}

function readText(block: Buffer, start: number, length: number): string {
  const end = block.subarray(start, start + length).indexOf(0);
  return block.toString("latin1", start, start + (end < 0 ? length : end));
}

/** Octal digits, or base 256 where the first bit is set; undefined for anything else and for what a number cannot hold. */
function readNumber(block: Buffer, start: number, length: number): number | undefined {
  if ((block[start] ?? 0) & 0x80) return readBase256(block.subarray(start, start + length));
  let at = start;
  const end = start + length;
  while (at < end && block[at] === 32) at += 1;
  let value = 0;
  for (; at < end; at += 1) {
    const digit = (block[at] ?? 0) - 48;
    // A space or a NUL ends it
    if (digit === -16 || digit === -48) break;
    if (digit < 0 || digit > 7) return undefined;
    value = value * 8 + digit;
  }
  return value;
}

function readBase256(bytes: Buffer): number | undefined {
  const first = bytes[0] ?? 0;
  let value = BigInt(first & 0x7f);
  for (const byte of bytes.subarray(1)) value = value * 256n + BigInt(byte);
  if (first & 0x40) value -= 1n << BigInt(bytes.length * 8 - 1);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** Old writers summed the bytes as signed numbers. */
function checkSum(block: Buffer): void {
  const wanted = readNumber(block, 148, 8);
  const { plain, signed } = sumOf(block);
  if (wanted !== plain && wanted !== signed)
    throw new BrokenArchive("it is not a tar, or it is damaged: a checksum is wrong");
}

/** Of every header twice: by plain counting, since an iterator takes ten times as long. The sum's own field counts as spaces. */
function sumOf(block: Buffer): { readonly plain: number; readonly signed: number } {
  let plain = 8 * 32;
  let large = 0;
  for (let at = 0; at < blockBytes; at += 1) {
    if (at === 148) at = 156;
    const byte = block[at] ?? 0;
    plain += byte;
    if (byte > 127) large += 1;
  }
  return { plain, signed: plain - large * 256 };
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const typeOf: Readonly<Record<Exclude<Member["kind"], "other">, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  directory: "5",
};
const largestOctal = 0o77777777777;
const largestOwner = 0o7777777;

/** Everything that stands in front of a member's content. */
export function renderHeader(member: Member & { readonly kind: keyof typeof typeOf }, owner: Owner): Buffer {
  const name = member.kind === "directory" ? `${member.name}/` : member.name;
  const { size, changedAt, linkTarget } = member;
  const records = new Map<string, string>();
  if (name.length > 100) records.set("path", name);
  if (linkTarget.length > 100) records.set("linkpath", linkTarget);
  if (size > largestOctal) records.set("size", String(size));
  if (!Number.isInteger(changedAt) || changedAt < 0 || changedAt > largestOctal)
    records.set("mtime", changedAt.toFixed(6).replace(/\.?0+$/, ""));
  for (const key of ["uid", "gid"] as const)
    if (owner[key] > largestOwner) records.set(key, String(owner[key]));
  const header = { ...member, name, type: typeOf[member.kind] };
  return Buffer.concat([...(records.size > 0 ? renderPaxHeader(records) : []), renderBlock(header, owner)]);
}

/** A block of a type of its own with a content, padded: what only this program's own readers understand. */
export function renderSpecial(type: string, content: Buffer): Buffer {
  const header = { name: "claude-bottle", mode: 0, size: content.length, changedAt: 0, linkTarget: "" };
  return Buffer.concat([
    renderBlock({ ...header, type }, { uid: 0, gid: 0 }),
    content,
    paddingOf(content.length),
  ]);
}

/** What fills the last block of a content. */
export function paddingOf(bytes: number): Buffer {
  return Buffer.alloc((blockBytes - (bytes % blockBytes)) % blockBytes);
}

function renderPaxHeader(records: ReadonlyMap<string, string>): Buffer[] {
  const content = renderPax(records);
  const header = { name: "pax", mode: 0o644, size: content.length, changedAt: 0, linkTarget: "", type: "x" };
  return [renderBlock(header, { uid: 0, gid: 0 }), content, paddingOf(content.length)];
}

function renderBlock(header: Omit<TarHeader, "hasMoreMap">, owner: Owner): Buffer {
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, at: number, length: number, largest: number) =>
    block.write(
      Math.min(largest, Math.max(0, Math.floor(value)))
        .toString(8)
        .padStart(length - 1, "0"),
      at,
      "latin1",
    );
  block.write(header.name.slice(0, 100), 0, "latin1");
  octal(header.mode & 0o7777, 100, 8, 0o7777);
  octal(owner.uid, 108, 8, largestOwner);
  octal(owner.gid, 116, 8, largestOwner);
  octal(header.size, 124, 12, largestOctal);
  octal(header.changedAt, 136, 12, largestOctal);
  block.write(header.type, 156, "latin1");
  block.write(header.linkTarget.slice(0, 100), 157, "latin1");
  block.write("ustar\u000000", 257, "latin1");
  block.write(`${sumOf(block).plain.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}
