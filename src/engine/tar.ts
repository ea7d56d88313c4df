/** Archives for the engine: always uncompressed, with numeric owners and a fixed time, so that equal input gives equal bytes. */
import type { FileEntry } from "../core/file-entry.ts";

export interface TarEntry {
  readonly path: string;
  readonly kind?: "file" | "directory" | "symlink";
  readonly mode: number;
  readonly content?: string | Uint8Array;
  readonly linkTarget?: string;
  /** By default 1970, so that equal input gives equal bytes */
  readonly changedAt?: Date;
  readonly uid?: number;
  readonly gid?: number;
}

const fixedTime = new Date(0);
/**
 * First in every archive. Engines guess compression from the first bytes, and a first file name that begins with a magic number
 * would start a decompressor (CVE-2026-41567).
 */
const rootHeader = {
  name: "./",
  type: "directory",
  size: 0,
  mode: 0o755,
  mtime: fixedTime,
  uid: 0,
  gid: 0,
} as const;

/** One archive in memory. */
export async function makeTar(entries: readonly TarEntry[]): Promise<Uint8Array> {
  const { packTar } = await import("modern-tar");
  return packTar([
    { header: rootHeader },
    ...entries.map((entry) => ({ header: makeHeader(entry), body: bytesOf(entry) })),
  ]);
}

/** An archive as a stream: `first` at once, then `files` below `prefix`, each read when its turn comes. */
export async function streamTar(
  first: readonly TarEntry[],
  groups: readonly {
    readonly prefix: string;
    readonly files: AsyncIterable<FileEntry> | Iterable<FileEntry>;
    readonly uid: number;
  }[],
): Promise<ReadableStream<Uint8Array>> {
  const { createTarPacker } = await import("modern-tar");
  const { readable, controller } = createTarPacker();
  const add = async (header: ReturnType<typeof makeHeader>, body: Uint8Array) => {
    const writer = controller.add(header).getWriter();
    if (body.length > 0) await writer.write(body);
    await writer.close();
  };
  const pack = async () => {
    await add({ ...rootHeader }, new Uint8Array());
    for (const entry of first) await add(makeHeader(entry), bytesOf(entry));
    for (const group of groups) {
      for await (const file of group.files) {
        const content = (await file.read?.()) ?? new Uint8Array();
        await add(makeHeader(fromFile(group.prefix, group.uid, file, content)), content);
      }
    }
    controller.finalize();
  };
  pack().catch((error: unknown) => controller.error(error));
  return readable;
}

/** The text of one regular file of an archive in memory; undefined if there is none of that name. */
export async function readTarFile(archive: Uint8Array, name: string): Promise<string | undefined> {
  const { unpackTar } = await import("modern-tar");
  const entries = await unpackTar(archive);
  const entry = entries.find((one) => one.header.name === name && one.header.type === "file");
  return entry?.data && new TextDecoder().decode(entry.data);
}

function fromFile(prefix: string, owner: number, file: FileEntry, content: Uint8Array): TarEntry {
  return {
    path: `${prefix}/${file.path}`,
    kind: file.kind,
    mode: file.mode,
    content,
    uid: owner,
    gid: owner,
    ...(file.linkTarget === undefined ? {} : { linkTarget: file.linkTarget }),
    ...(file.changedAt === undefined ? {} : { changedAt: file.changedAt }),
  };
}

function makeHeader(entry: TarEntry) {
  const kind = entry.kind ?? "file";
  return {
    name: kind === "directory" ? `${entry.path.replace(/\/$/, "")}/` : entry.path,
    type: kind,
    size: kind === "file" ? bytesOf(entry).length : 0,
    mode: entry.mode,
    // A time before 1970 or none at all cannot be written
    mtime: entry.changedAt && entry.changedAt > fixedTime ? entry.changedAt : fixedTime,
    uid: entry.uid ?? 0,
    gid: entry.gid ?? 0,
    ...(entry.linkTarget === undefined ? {} : { linkname: entry.linkTarget }),
  };
}

function bytesOf(entry: TarEntry): Uint8Array {
  return typeof entry.content === "string"
    ? new TextEncoder().encode(entry.content)
    : (entry.content ?? new Uint8Array());
}
