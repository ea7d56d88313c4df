/** Writes a tar as it goes: ustar with pax headers where they are needed, uncompressed. */
import { renderNote } from "./notes.ts";
import { paddingOf, renderHeader } from "./tar-header.ts";
import type { Owner } from "./tar-header.ts";
import type { MemberItem, TarItem } from "./tar-item.ts";

/** Small pieces are joined: each write has a price of its own */
const pieceBytes = 128 * 1024;
const endOfArchive = Buffer.alloc(1024);
const zeros = Buffer.alloc(64 * 1024);

/**
 * The archive's bytes with its end, for a reader of ours: others do not know what a note is. A content that is shorter than its header says is filled with zeros and called spoilt, one that is
 * longer is cut: where the next header stands is settled before.
 */
export function writeTar(items: AsyncIterable<TarItem>, owner: Owner): AsyncGenerator<Uint8Array> {
  return joinPieces(renderItems(items, owner));
}

/** One member, as far as a tar can say what it is. */
export async function* renderMember(
  { member, body }: MemberItem,
  owner: Owner,
  onSpoilt: () => Buffer | undefined,
): AsyncGenerator<Uint8Array> {
  const { kind, size } = member;
  if (kind === "other") return;
  yield renderHeader({ ...member, kind }, owner);
  let left = size;
  for await (const piece of body) {
    const part = piece.subarray(0, left);
    left -= part.length;
    if (part.length > 0) yield part;
    if (left === 0) break;
  }
  const isSpoilt = left > 0;
  for (; left > 0; left -= Math.min(left, zeros.length)) yield zeros.subarray(0, left);
  yield paddingOf(size);
  const note = isSpoilt ? onSpoilt() : undefined;
  if (note) yield note;
}

async function* renderItems(items: AsyncIterable<TarItem>, owner: Owner): AsyncGenerator<Uint8Array> {
  for await (const item of items) {
    if ("note" in item) yield renderNote(item);
    else yield* renderMember(item, owner, () => renderNote({ note: "spoilt" }));
  }
  yield endOfArchive;
}

/** Gives pieces of some size, and what is left at the end. */
export async function* joinPieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    // Its maker may use the memory again
    waiting.push(piece.length < pieceBytes ? new Uint8Array(piece) : piece);
    bytes += piece.length;
    if (bytes < pieceBytes) continue;
    yield waiting.length === 1 && waiting[0] ? waiting[0] : Buffer.concat(waiting, bytes);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting, bytes);
}
