/** A folder or a file as the items of an archive, for a reader of ours: what cannot be read is told in between. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { joinNames, toBytes } from "./byte-names.ts";
import { Refusal, toRefusal } from "./file-trouble.ts";
import { listTree } from "./list-tree.ts";
import type { TreeNode } from "./list-tree.ts";
import { isOpenedAt } from "./opened-at.ts";
import { noBody } from "./tar-item.ts";
import type { Member, TarItem } from "./tar-item.ts";

/** The first part of every name that a sender of ours gives; who takes it in knows what it stands for */
export const sentRoot = "r";
/** Files up to this are read before they are announced, and so are whole whatever happens to them meanwhile */
const wholeBytes = 1024 * 1024;
const pieceBytes = 256 * 1024;

export interface PackRequest {
  /** Absolute, without a link in it */
  readonly path: string;
  readonly leavesOutGit: boolean;
}

/** A note with the total, everything in order, folders before what is in them. */
export async function* packTree({ path, leavesOutGit }: PackRequest): AsyncGenerator<TarItem> {
  const { nodes, problems, leftOut } = await listTree(path, leavesOutGit);
  const files = nodes.filter((node) => node.kind !== "directory");
  yield { note: "total", files: files.length, bytes: files.reduce((sum, node) => sum + node.size, 0) };
  for (const { name, reason } of problems) yield { note: "problem", name: nameOf(name), reason };
  for (const name of leftOut) yield { note: "left-out", name: nameOf(name) };
  /** Of files with several names: the first one that was sent */
  const sent = new Map<string, string>();
  for (const node of nodes) yield* packNode(path, node, sent);
}

async function* packNode(root: string, node: TreeNode, sent: Map<string, string>): AsyncGenerator<TarItem> {
  const member = { ...node, name: nameOf(node.name), what: "" };
  if (node.kind !== "file") return yield { member, body: noBody() };
  const first = node.identity === undefined ? undefined : sent.get(node.identity);
  if (first !== undefined)
    return yield { member: { ...member, kind: "hardlink", size: 0, linkTarget: first }, body: noBody() };
  const path = joinNames(root, node.name);
  let opened: OpenedFile | undefined;
  try {
    opened = openPlain(path);
    yield packFile(opened, member);
    if (node.identity !== undefined) sent.set(node.identity, member.name);
  } catch (error) {
    yield { note: "problem", name: member.name, reason: toRefusal(error).message };
  } finally {
    if (opened) closeSync(opened.descriptor);
  }
}

interface OpenedFile {
  readonly descriptor: number;
  /** As it is now, and not as it was when it was listed */
  readonly size: number;
}

/** Opened without following a link, and without waiting for what is no file any more. */
function openPlain(path: string): OpenedFile {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const descriptor = openSync(toBytes(path), flags);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new Refusal("it is no longer a plain file");
    if (!isOpenedAt(descriptor, path, path))
      throw new Refusal("a folder above it was moved or is a link now");
    return { descriptor, size: status.size };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function packFile({ descriptor, size }: OpenedFile, member: Member): TarItem {
  if (size > wholeBytes) return { member: { ...member, size }, body: readPieces(descriptor, size) };
  const content = size === 0 ? readUnannounced(descriptor) : readWhole(descriptor, size);
  return { member: { ...member, size: content.length }, body: asPieces(content) };
}

function readWhole(descriptor: number, size: number): Buffer {
  const content = Buffer.alloc(size);
  let bytes = 0;
  while (bytes < size) {
    const count = readSync(descriptor, content, bytes, size - bytes, bytes);
    if (count === 0) break;
    bytes += count;
  }
  return content.subarray(0, bytes);
}

/** A file of the kernel's says that it is empty and is not. */
function readUnannounced(descriptor: number): Buffer {
  const pieces: Buffer[] = [];
  for (let bytes = 0; bytes < wholeBytes;) {
    const piece = Buffer.allocUnsafe(4_096);
    const count = readSync(descriptor, piece, 0, piece.length, null);
    if (count === 0) break;
    pieces.push(piece.subarray(0, count));
    bytes += count;
  }
  return Buffer.concat(pieces);
}

async function* asPieces(content: Buffer): AsyncGenerator<Uint8Array> {
  if (content.length > 0) yield content;
}

/** Each piece in memory of its own: whoever takes it may keep it for a while. A file that became shorter ends early. */
async function* readPieces(descriptor: number, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size;) {
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, size - at));
    const count = readSync(descriptor, piece, 0, piece.length, at);
    if (count === 0) return;
    at += count;
    yield piece.subarray(0, count);
  }
}

function nameOf(name: string): string {
  return joinNames(sentRoot, name);
}
