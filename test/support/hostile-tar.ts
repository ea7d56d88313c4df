/** Archives as nobody of good will writes them: any type, any name, any size, and no more content than is given. */
import { Buffer } from "node:buffer";
import { MemberCheck } from "../../src/archive/check-member.ts";
import type { CheckRules } from "../../src/archive/check-member.ts";
import { sentRoot } from "../../src/archive/pack-tree.ts";
import { readTar } from "../../src/archive/read-tar.ts";
import { takeIn } from "../../src/archive/take-in.ts";
import type { TakenIn } from "../../src/archive/take-in.ts";
import type { CopyProblem } from "../../src/archive/tar-item.ts";
import { TreeWriter } from "../../src/archive/tree-writer.ts";
import { renderPax } from "../../src/archive/pax.ts";

export interface RawMember {
  /** Byte strings, as everything here */
  readonly name: string;
  readonly type?: string;
  readonly mode?: number;
  readonly content?: string;
  /** In the header; that of the content by default */
  readonly size?: number;
  readonly linkTarget?: string;
  readonly changedAt?: number;
  /** A pax header in front of it */
  readonly pax?: Readonly<Record<string, string>>;
}

export const endOfArchive = Buffer.alloc(1024);

/** With its end. */
export function makeHostileTar(members: readonly RawMember[]): Buffer {
  return Buffer.concat([...members.map(renderRaw), endOfArchive]);
}

export function renderRaw(member: RawMember): Buffer {
  const { name, type = "0", content = "", linkTarget = "", changedAt = 1_600_000_000 } = member;
  const { mode = type === "5" ? 0o755 : 0o644 } = member;
  const block = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number) =>
    block.write(value.toString(8).padStart(length - 1, "0"), at, "latin1");
  block.write(name.slice(0, 100), 0, "latin1");
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  writeSize(block, member.size ?? content.length);
  octal(changedAt, 136, 12);
  block.write("        ", 148, "latin1");
  block.write(type, 156, "latin1");
  block.write(linkTarget.slice(0, 100), 157, "latin1");
  block.write("ustar\u000000", 257, "latin1");
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  const body = Buffer.from(content, "latin1");
  const before = member.pax ? [renderRawPax(member.pax)] : [];
  return Buffer.concat([...before, block, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

/** Base 256 where octal digits have no room. */
function writeSize(block: Buffer, size: number): void {
  if (size <= 0o77777777777) {
    block.write(size.toString(8).padStart(11, "0"), 124, "latin1");
    return;
  }
  block[124] = 0x80;
  block.writeBigUInt64BE(BigInt(size), 128);
}

function renderRawPax(records: Readonly<Record<string, string>>): Buffer {
  const content = renderPax(new Map(Object.entries(records))).toString("latin1");
  return renderRaw({ name: "pax", type: "x", content });
}

export interface Unpacked extends TakenIn {
  readonly problems: readonly CopyProblem[];
  readonly leftOut: readonly string[];
}

/** As it is unpacked on a user's machine, unless `rules` say otherwise. `at` is where the root goes, or says so by what it is. */
export async function unpackAt(
  at: string | ((kind: "file" | "folder") => string),
  archive: AsyncIterable<Uint8Array>,
  rules: Partial<CheckRules> = {},
): Promise<Unpacked> {
  const problems: CopyProblem[] = [];
  const leftOut: string[] = [];
  const all = { root: sentRoot, links: "inside", foldsCase: false, leavesOutGit: true, ...rules } as const;
  const taken = await takeIn(readTar(archive, { hasNotes: true }), {
    begin: async (kind) => ({
      check: new MemberCheck(all),
      sink: new TreeWriter({
        at: typeof at === "string" ? at : at(kind),
        mask: 0o022,
        links: all.links,
        freeBytes: async () => 2 ** 40,
      }),
    }),
    onTotal: () => undefined,
    onBytes: () => undefined,
    onProblem: (problem) => problems.push(problem),
    onLeftOut: (name) => leftOut.push(name),
  });
  return { ...taken, problems, leftOut };
}

/** In pieces of one size, as a stream brings it. */
export async function* inPieces(bytes: Uint8Array, size = 700): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
