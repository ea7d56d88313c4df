/** Keeps account of a repository's files while they are copied, for the note that lies beside the copy; see `core/went-in.ts`. */
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { encodePath } from "../core/byte-path.ts";
import type { FileEntry, OpenEntry } from "../core/file-entry.ts";
import type { WentInFile } from "../core/went-in.ts";

/** Earlier contents of files that no commit holds, so that a change can be shown against them; beyond this a file is shown whole */
const maxKeptFileBytes = 4 * 1024 * 1024;
const maxKeptBytes = 64 * 1024 * 1024;

/** What the index has for a file, and whether the file is as it says. */
export interface IndexedAs {
  readonly id: string | undefined;
  readonly isChanged: boolean;
}

export interface WentInNote {
  /** The same entry, which is noted when it has been read to its end */
  watch(entry: FileEntry, index: IndexedAs): FileEntry;
  readonly files: readonly WentInFile[];
  /** Loose objects (gitrepository-layout(5)): path below `objects`, and content */
  readonly objects: ReadonlyMap<string, Uint8Array>;
}

/** Makes an empty one. Paths are noted as they are within the repository, without `prefix`. */
export function makeWentInNote(objectFormat: "sha1" | "sha256", prefix: string): WentInNote {
  const note = new Account(objectFormat, prefix);
  return {
    files: note.files,
    objects: note.objects,
    watch(entry, index) {
      const { open, read } = entry;
      if (entry.kind === "symlink") note.addWhole(entry, encodePath(entry.linkTarget ?? ""), index);
      if (open) return { ...entry, open: async () => note.watch(entry, await open(), index) };
      if (!read) return entry;
      return {
        ...entry,
        read: async () => {
          const content = await read();
          note.addWhole(entry, content, index);
          return content;
        },
      };
    },
  };
}

class Account {
  readonly files: WentInFile[] = [];
  readonly objects = new Map<string, Uint8Array>();
  #keptBytes = 0;
  readonly #objectFormat: "sha1" | "sha256";
  readonly #prefix: string;

  constructor(objectFormat: "sha1" | "sha256", prefix: string) {
    this.#objectFormat = objectFormat;
    this.#prefix = prefix;
  }

  addWhole(entry: FileEntry, content: Uint8Array, index: IndexedAs): void {
    const rawId = this.#begin(content.length).update(content).digest("hex");
    if (isOnlyHere(index)) this.#keep(content, rawId);
    const changedAt = entry.changedAt ?? new Date(0);
    this.#add(entry, { size: content.length, mode: entry.mode, changedAt }, rawId, index);
  }

  watch(entry: FileEntry, opened: OpenEntry, index: IndexedAs): OpenEntry {
    return { ...opened, pieces: () => this.#watchPieces(entry, opened, index) };
  }

  *#watchPieces(entry: FileEntry, opened: OpenEntry, index: IndexedAs): Generator<Uint8Array> {
    const hash = this.#begin(opened.size);
    const isKept = isOnlyHere(index) && opened.size <= maxKeptFileBytes;
    const kept: Uint8Array[] = [];
    for (const piece of opened.pieces()) {
      hash.update(piece);
      // A piece is good until the next one is asked for
      if (isKept) kept.push(new Uint8Array(piece));
      yield piece;
    }
    const rawId = hash.digest("hex");
    if (isKept) this.#keep(Buffer.concat(kept), rawId);
    this.#add(entry, opened, rawId, index);
  }

  #begin(size: number) {
    return createHash(this.#objectFormat).update(`blob ${size}\0`);
  }

  #keep(content: Uint8Array, id: string): void {
    if (content.length > maxKeptFileBytes || this.#keptBytes + content.length > maxKeptBytes) return;
    this.#keptBytes += content.length;
    const object = Buffer.concat([Buffer.from(`blob ${content.length}\0`), content]);
    this.objects.set(`${id.slice(0, 2)}/${id.slice(2)}`, deflateSync(object, { level: 1 }));
  }

  #add(
    entry: FileEntry,
    { size, mode, changedAt }: Pick<OpenEntry, "size" | "mode" | "changedAt">,
    rawId: string,
    { id: indexId, isChanged }: IndexedAs,
  ): void {
    this.files.push({
      path: Buffer.from(encodePath(entry.path.slice(this.#prefix.length))).toString("latin1"),
      mode: entry.kind === "symlink" ? "120000" : mode & 0o100 ? "100755" : "100644",
      rawId,
      indexId,
      isChanged,
      size,
      seconds: Math.max(0, Math.floor(changedAt.getTime() / 1000)),
    });
  }
}

/** No commit and no index has it. */
function isOnlyHere({ id, isChanged }: IndexedAs): boolean {
  return id === undefined || isChanged;
}
