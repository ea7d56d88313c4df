/** An archive that is made while it is sent: nothing of it is held but the piece that is next. */
import { encodePath } from "../core/byte-path.ts";
import type { FileEntry, OpenEntry } from "../core/file-entry.ts";
import { blockBytes, paddingOf, renderHeader } from "./tar-header.ts";
import { rootEntry } from "./small-tar.ts";
import type { TarEntry } from "./small-tar.ts";

export interface TarGroup {
  /** Folder that the files stand in, without a slash at the end */
  readonly prefix: string;
  readonly files: AsyncIterable<FileEntry> | Iterable<FileEntry>;
  /** Owner and group of all; by default the group of the same number */
  readonly uid: number;
  readonly gid?: number;
}

type Owner = Required<Pick<TarGroup, "uid" | "gid">>;

/** Small files go together: each piece costs the transport some microseconds, and a repository has thousands of files */
const pieceBytes = 256 * 1024;
const empty = new Uint8Array();

/** An archive as a stream: `first` at once, then the files of each group below its prefix, each read when its turn comes. */
export function streamTar(
  first: readonly TarEntry[],
  groups: readonly TarGroup[],
  onProgress?: (bytes: number) => void,
): ReadableStream<Uint8Array> {
  const pieces = joinPieces(renderAll(first, groups));
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await pieces.next();
        if (next.done) return controller.close();
        onProgress?.(next.value.length);
        controller.enqueue(next.value);
      },
      async cancel() {
        await pieces.return();
      },
    },
    { highWaterMark: 2 },
  );
}

async function* renderAll(
  first: readonly TarEntry[],
  groups: readonly TarGroup[],
): AsyncGenerator<Uint8Array, void> {
  for (const entry of [rootEntry, ...first]) yield* renderWhole(entry);
  for (const { prefix, files, uid, gid = uid } of groups) {
    const owner = { uid, gid };
    for await (const file of files) {
      const path = `${prefix}/${file.path}`;
      if (file.open) yield* renderOpen(path, owner, file, await file.open());
      else yield* renderWhole(fromFile(path, owner, file, (await file.read?.()) ?? empty));
    }
  }
  yield new Uint8Array(2 * blockBytes);
}

function* renderWhole(entry: TarEntry): Generator<Uint8Array> {
  const content = typeof entry.content === "string" ? new TextEncoder().encode(entry.content) : entry.content;
  const size = (entry.kind ?? "file") === "file" ? (content?.length ?? 0) : 0;
  yield header(entry, size);
  if (content && size > 0) {
    yield content;
    yield paddingOf(size);
  }
}

function* renderOpen(path: string, owner: Owner, file: FileEntry, opened: OpenEntry): Generator<Uint8Array> {
  const { mode, size, changedAt } = opened;
  yield header({ path, kind: file.kind, mode, changedAt, ...owner }, size);
  yield* opened.pieces();
  yield paddingOf(size);
}

function header(entry: TarEntry, size: number): Uint8Array {
  const member = {
    name: toName(entry.path.replace(/\/$/, "")),
    kind: entry.kind ?? ("file" as const),
    what: "",
    mode: entry.mode,
    size,
    // Whole seconds, as an index notes them: a fraction would double what a small file takes
    changedAt: Math.max(0, Math.floor((entry.changedAt?.getTime() ?? 0) / 1000)),
    linkTarget: toName(entry.linkTarget ?? ""),
  };
  return renderHeader(member, { uid: entry.uid ?? 0, gid: entry.gid ?? 0 });
}

function toName(path: string): string {
  return Buffer.from(encodePath(path)).toString("latin1");
}

function fromFile(path: string, owner: Owner, file: FileEntry, content: Uint8Array): TarEntry {
  const { kind, mode, linkTarget, changedAt } = file;
  return {
    path,
    kind,
    mode,
    content,
    ...owner,
    ...(linkTarget === undefined ? {} : { linkTarget }),
    ...(changedAt === undefined ? {} : { changedAt }),
  };
}

/** What is given on is nobody else's any more, so that a reader's buffer can be used again. */
async function* joinPieces(
  pieces: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let joined = new Uint8Array(pieceBytes);
  let length = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + pieceBytes - length);
      joined.set(part, length);
      length += part.length;
      at += part.length;
      if (length < pieceBytes) continue;
      yield joined;
      joined = new Uint8Array(pieceBytes);
      length = 0;
    }
  }
  if (length > 0) yield joined.subarray(0, length);
}
