/**
 * Reads a tar of any make as it comes: ustar, pax, GNU tar's long names. Nothing in it is believed but where the next header stands; a
 * header whose place cannot be told ends the reading. Content that is not asked for is passed over.
 */
import { fromBytes } from "./byte-names.ts";
import { ByteReader } from "./byte-reader.ts";
import { parsePax } from "./pax.ts";
import { blockBytes, parseHeader } from "./tar-header.ts";
import type { TarHeader } from "./tar-header.ts";
import { BrokenArchive, CutShort, noBody } from "./tar-item.ts";
import type { Member, TarItem } from "./tar-item.ts";
import { noteType, parseNote } from "./notes.ts";

const maxPaxBytes = 1024 * 1024;
const maxNameBytes = 64 * 1024;
/** Headers that only describe the one after them */
const maxInARow = 16;

const kinds: Readonly<Record<string, readonly [Member["kind"], string]>> = {
  "0": ["file", "a file"],
  "\0": ["file", "a file"],
  "7": ["file", "a file"],
  "1": ["hardlink", "a hard link"],
  "2": ["symlink", "a link"],
  "3": ["other", "a device"],
  "4": ["other", "a device"],
  "5": ["directory", "a folder"],
  D: ["directory", "a folder"],
  "6": ["other", "a FIFO"],
  S: ["other", "a sparse file of GNU tar"],
};

/** What headers of their own say about the member after them */
interface Overrides {
  pax: ReadonlyMap<string, string>;
  name?: string;
  linkTarget?: string;
}

export interface ReadOptions {
  /** The archive comes from a sender of ours, which says more than tar can */
  readonly hasNotes: boolean;
}

/** Ends with the archive's own end; throws `CutShort` if the stream ends before. The source is closed however it ends. */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  { hasNotes }: ReadOptions = { hasNotes: false },
): AsyncGenerator<TarItem> {
  const reader = new ByteReader(source);
  try {
    for (;;) {
      const found = await readMember(reader);
      if (!found) return;
      const { member, type, bodyBytes } = found;
      if (type === "V") {
        await skipContent(reader, bodyBytes);
      } else if (type === noteType && hasNotes) {
        yield parseNote(await readContent(reader, bodyBytes, maxNameBytes));
      } else {
        const left = { bytes: bodyBytes };
        yield { member, body: member.kind === "file" ? readBody(reader, left) : noBody() };
        await reader.skip(left.bytes + paddingBytes(bodyBytes));
      }
    }
  } finally {
    await reader.close();
  }
}

interface FoundMember {
  readonly member: Member;
  readonly type: string;
  /** Bytes after the header, whatever they are */
  readonly bodyBytes: number;
}

/** Undefined at the archive's end. */
async function readMember(reader: ByteReader): Promise<FoundMember | undefined> {
  const overrides: Overrides = { pax: new Map() };
  for (let count = 0; count < maxInARow; count += 1) {
    const block = await reader.exactly(blockBytes);
    if (!block) throw new CutShort();
    const header = parseHeader(block);
    if (!header) return undefined;
    if (!(await takeOverride(reader, header, overrides))) return applyOverrides(reader, header, overrides);
  }
  throw new BrokenArchive("it has too many headers for one file");
}

/** True if the header was about the next one. What is said about all others after it (`g`) is left out of account. */
async function takeOverride(reader: ByteReader, header: TarHeader, overrides: Overrides): Promise<boolean> {
  const { type, size } = header;
  if (type === "x") overrides.pax = parsePax(await readContent(reader, size, maxPaxBytes));
  else if (type === "g") await skipContent(reader, size);
  else if (type === "L") overrides.name = untilNul(await readContent(reader, size, maxNameBytes));
  else if (type === "K") overrides.linkTarget = untilNul(await readContent(reader, size, maxNameBytes));
  else return false;
  return true;
}

async function applyOverrides(
  reader: ByteReader,
  header: TarHeader,
  { pax, name: longName, linkTarget: longTarget }: Overrides,
): Promise<FoundMember> {
  const name = (pax.get("path") || longName) ?? header.name;
  const [kind, what] = kindOf(header.type, name, pax);
  // GNU tar writes what a hard link's file has as its size, and no content
  const bodyBytes = header.type === "1" ? 0 : (readSize(pax) ?? header.size);
  if (header.type === "S") await skipSparseMap(reader, header.hasMoreMap);
  const changedAt = Number(pax.get("mtime") || header.changedAt);
  const member = {
    name: name.length > 1 ? name.replace(/\/+$/, "") || "/" : name,
    kind,
    what,
    mode: header.mode,
    size: kind === "file" ? bodyBytes : 0,
    changedAt: Number.isFinite(changedAt) ? changedAt : 0,
    linkTarget: (pax.get("linkpath") || longTarget) ?? header.linkTarget,
  };
  return { member, type: header.type, bodyBytes };
}

function kindOf(
  type: string,
  name: string,
  pax: ReadonlyMap<string, string>,
): readonly [Member["kind"], string] {
  const [kind, what] = kinds[type] ?? (["other", "of an unknown kind"] as const);
  if (kind !== "file") return [kind, what];
  if ([...pax.keys()].some((key) => key.startsWith("GNU.sparse."))) return kinds["S"] ?? [kind, what];
  // As tar wrote folders before it had a type for them
  return name.endsWith("/") ? ["directory", "a folder"] : [kind, what];
}

function readSize(pax: ReadonlyMap<string, string>): number | undefined {
  const text = pax.get("size");
  if (!text) return undefined;
  const size = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(size)) throw new BrokenArchive("a file in it has no possible size");
  return size;
}

async function skipSparseMap(reader: ByteReader, hasMore: boolean): Promise<void> {
  for (let goesOn = hasMore; goesOn;) {
    const block = await reader.exactly(blockBytes);
    if (!block) throw new CutShort();
    goesOn = block[504] !== 0;
  }
}

async function* readBody(reader: ByteReader, left: { bytes: number }): AsyncGenerator<Uint8Array> {
  while (left.bytes > 0) {
    const piece = await reader.piece(left.bytes);
    if (!piece) throw new CutShort();
    left.bytes -= piece.length;
    yield piece;
  }
}

async function readContent(reader: ByteReader, size: number, max: number): Promise<Buffer> {
  if (size > max) throw new BrokenArchive("a header in it is too long");
  const content = size === 0 ? Buffer.alloc(0) : await reader.exactly(size);
  if (!content) throw new CutShort();
  await reader.skip(paddingBytes(size));
  return content;
}

function skipContent(reader: ByteReader, size: number): Promise<void> {
  return reader.skip(size + paddingBytes(size));
}

function paddingBytes(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return fromBytes(end < 0 ? bytes : bytes.subarray(0, end));
}
