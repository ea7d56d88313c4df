/** An index of a few files, written and read by us (gitformat-index(5)): what git makes of a file depends on what its index has of it. */
import { createHash } from "node:crypto";
import { GitFailure } from "./git.ts";
import type { TreeEntry } from "./edit-tree.ts";

const headerBytes = 12;
/** Times, device, inode, mode, owner and size */
const statusBytes = 40;
const maxNameLength = 0xfff;
const hasMoreFlags = 0x4000;
/** No file that is taken has it, so git looks at each of them */
const noSize = 0xffff_ffff;

/** An index of version 2 without anything that is known of the files on the disk. Paths are bytes as latin1. */
export function renderIndex(entries: ReadonlyMap<string, TreeEntry>, objectFormat: string): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.write("DIRC", "latin1");
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(entries.size, 8);
  const sorted = [...entries].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const content = Buffer.concat([header, ...sorted.map(([path, entry]) => renderEntry(path, entry))]);
  return Buffer.concat([content, createHash(objectFormat).update(content).digest()]);
}

function renderEntry(path: string, { mode, id }: TreeEntry): Buffer {
  const idBytes = id.length / 2;
  const end = statusBytes + idBytes + 2 + path.length;
  // One to eight bytes of nothing, so that the next one begins at a multiple of eight
  const entry = Buffer.alloc(end + 8 - (end % 8));
  entry.writeUInt32BE(Number.parseInt(mode, 8), 24);
  entry.writeUInt32BE(noSize, 36);
  entry.write(id, statusBytes, "hex");
  entry.writeUInt16BE(Math.min(path.length, maxNameLength), statusBytes + idBytes);
  entry.write(path, statusBytes + idBytes + 2, "latin1");
  return entry;
}

/** What an index of version 2 or 3 has that is in no conflict. Throws a `GitFailure` for another. */
export function parseIndex(bytes: Buffer, objectFormat: string): Map<string, TreeEntry> {
  const idBytes = objectFormat === "sha256" ? 32 : 20;
  const version = bytes.length >= headerBytes ? bytes.readUInt32BE(4) : 0;
  if (bytes.toString("latin1", 0, 4) !== "DIRC" || (version !== 2 && version !== 3))
    throw new GitFailure("git wrote an index of a kind that is not known here");
  const entries = new Map<string, TreeEntry>();
  let at = headerBytes;
  for (let left = bytes.readUInt32BE(8); left > 0; left -= 1) {
    const flags = bytes.readUInt16BE(at + statusBytes + idBytes);
    const start = at + statusBytes + idBytes + (flags & hasMoreFlags ? 4 : 2);
    const end = bytes.indexOf(0, start);
    if (end < 0) throw new GitFailure("git wrote an index that ends too early");
    const isConflict = (flags & 0x3000) !== 0;
    if (!isConflict)
      entries.set(bytes.toString("latin1", start, end), {
        mode: bytes.readUInt32BE(at + 24).toString(8),
        id: bytes.toString("hex", at + statusBytes, at + statusBytes + idBytes),
      });
    const length = end - at;
    at += length + 8 - (length % 8);
  }
  return entries;
}
