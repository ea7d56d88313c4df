/** Small archives in memory for the engine: always uncompressed, with numeric owners and a fixed time, so that equal input gives equal bytes. */
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
export const rootEntry: TarEntry = { path: ".", kind: "directory", mode: 0o755 };

/** One archive in memory. */
export async function makeTar(entries: readonly TarEntry[]): Promise<Uint8Array> {
  const { packTar } = await import("modern-tar");
  return packTar(
    [rootEntry, ...entries].map((entry) => ({ header: makeHeader(entry), body: bytesOf(entry) })),
  );
}

/** The text of one regular file of an archive in memory; undefined if there is none of that name. */
export async function readTarFile(archive: Uint8Array, name: string): Promise<string | undefined> {
  const { unpackTar } = await import("modern-tar");
  const entries = await unpackTar(archive);
  const entry = entries.find((one) => one.header.name === name && one.header.type === "file");
  return entry?.data && new TextDecoder().decode(entry.data);
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
