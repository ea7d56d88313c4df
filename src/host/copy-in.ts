/** What the user names on this machine, as an archive for a bottle. */
import { fromText } from "../archive/byte-names.ts";
import { lookAtSource } from "../archive/copy-place.ts";
import type { CopySource } from "../archive/copy-place.ts";
import { codeOf, DiskTrouble, Refusal } from "../archive/file-trouble.ts";
import { packTree } from "../archive/pack-tree.ts";
import { readTar } from "../archive/read-tar.ts";
import type { TakenIn } from "../archive/take-in.ts";
import { BrokenArchive } from "../archive/tar-item.ts";
import type { CopyProblem, MemberItem, TarItem } from "../archive/tar-item.ts";
import { writeTar } from "../archive/write-tar.ts";
import { BottleError, sayWhy } from "../core/error.ts";
import { escapeForTerminal, quote } from "../core/text.ts";
import { openTarInput } from "./tar-input.ts";
import type { TransferProgress } from "./transfer-progress.ts";

/** Behind the end of an archive */
const maxPaddingBytes = 16 * 1024 * 1024;

export interface SendIn {
  /** Undefined for an archive of the user's own */
  readonly source: CopySource | undefined;
  /** For a bottle; what is read of the user's is counted in `sent` */
  readonly archive: AsyncIterable<Uint8Array>;
  readonly sent: TakenIn;
}

/** What the user calls it; text */
export interface NamedSource {
  readonly path: string;
  readonly typed: string;
  readonly name: string;
  readonly isContents: boolean;
}

export interface SendInOptions {
  readonly progress: TransferProgress;
  onProblem(problem: CopyProblem): void;
}

/** A file or folder by its absolute path. A link that is named is followed, those in it go as links. */
export async function openPlace(named: NamedSource, options: SendInOptions): Promise<SendIn> {
  const { path, typed, isContents } = named;
  try {
    const found = await lookAtSource(fromText(path));
    const items = explainTrouble(packTree({ path: found.path, leavesOutGit: false }), typed);
    return send({ kind: found.kind, name: fromText(named.name), isContents }, items, options);
  } catch (error) {
    throw asUnread(error, typed);
  }
}

/** A tar on stdin. It is read to its end, so that whoever writes it is not cut off. */
export function openInput(open: () => ReadableStream<Uint8Array>, options: SendInOptions): SendIn {
  return send(undefined, readInput(open), options);
}

async function* readInput(open: () => ReadableStream<Uint8Array>): AsyncGenerator<TarItem> {
  const input = openTarInput(open());
  try {
    yield* readTar(input.pieces);
    await input.passOver(maxPaddingBytes);
  } catch (error) {
    if (!(error instanceof BrokenArchive)) throw error;
    const isCompressed = input.isCompressed();
    throw new BottleError({
      code: "input",
      message: `Cannot read the tar on stdin: ${isCompressed ? "it is compressed" : error.message}`,
      hint: isCompressed
        ? "Unpack it on the way, as with: gunzip -c x.tgz | claude-bottle cp - BOTTLE:PATH"
        : "Give it an uncompressed tar, as of: tar -c FILES",
    });
  }
}

function send(source: SendIn["source"], items: AsyncGenerator<TarItem>, options: SendInOptions): SendIn {
  const sent = { files: 0, bytes: 0 };
  // Who they are is not said: in the bottle they are the agent's
  return { source, sent, archive: writeTar(count(items, sent, options), { uid: 0, gid: 0 }) };
}

async function* count(
  items: AsyncIterable<TarItem>,
  sent: { files: number; bytes: number },
  { progress, onProblem }: SendInOptions,
): AsyncGenerator<TarItem> {
  for await (const item of items) {
    if ("note" in item) {
      if (item.note === "total") progress.expect(item.bytes);
      if (item.note === "problem") onProblem(item);
      continue;
    }
    const { member } = item;
    if (member.kind === "other") {
      onProblem({ name: member.name, reason: `it is ${member.what}` });
      continue;
    }
    if (member.kind !== "directory") sent.files += 1;
    yield { member, body: countBody(item, sent, progress) };
  }
}

async function* countBody(
  { body }: MemberItem,
  sent: { bytes: number },
  progress: TransferProgress,
): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    sent.bytes += piece.length;
    progress.add(piece.length);
    yield piece;
  }
}

/** Of a disk that fails while it is read, before a file and in it. */
async function* explainTrouble(items: AsyncIterable<TarItem>, typed: string): AsyncGenerator<TarItem> {
  try {
    for await (const item of items)
      yield "note" in item ? item : { ...item, body: explainBody(item.body, typed) };
  } catch (error) {
    throw asUnread(error, typed);
  }
}

async function* explainBody(body: AsyncIterable<Uint8Array>, typed: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw asUnread(error, typed);
  }
}

function asUnread(error: unknown, typed: string): unknown {
  if (!(error instanceof Refusal || error instanceof DiskTrouble || codeOf(error) !== "")) return error;
  return new BottleError({
    code: "file",
    message: `Cannot copy ${quote(typed)}: ${escapeForTerminal(sayWhy(error))}`,
    hint: "Check the path and who may use it.",
    cause: error,
  });
}
