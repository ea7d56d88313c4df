import { describe, expect, test } from "bun:test";
import { inflateSync } from "node:zlib";
import type { FileEntry } from "../../../src/core/file-entry.ts";
import { makeWentInNote } from "../../../src/host/went-in-note.ts";

const mebibyte = 1024 * 1024;
const isNew = { id: undefined, isChanged: false };

/** Read whole, or in pieces that share one buffer as those of a disk do. */
function aFile(path: string, content: Uint8Array, inPieces: boolean, mode = 0o644): FileEntry {
  const common = { path, kind: "file", mode, size: content.length } as const;
  if (!inPieces) return { ...common, read: async () => content };
  const buffer = Buffer.alloc(mebibyte);
  return {
    ...common,
    open: () => ({
      mode,
      size: content.length,
      changedAt: new Date(1999),
      *pieces() {
        for (let at = 0; at < content.length; at += buffer.length) {
          const length = Math.min(buffer.length, content.length - at);
          buffer.set(content.subarray(at, at + length));
          yield buffer.subarray(0, length);
        }
      },
    }),
  };
}

async function readEntry({ read, open }: FileEntry): Promise<void> {
  await read?.();
  for (const _ of (await open?.())?.pieces() ?? []);
}

describe.each([false, true])("a note of what went in, of files in pieces: %p", (inPieces) => {
  test("keeps contents up to 4 MiB each, and up to 64 MiB of them", async () => {
    const note = makeWentInNote("sha1", "");
    const take = async (name: string, size: number) =>
      readEntry(note.watch(aFile(name, Buffer.alloc(size, name), inPieces), isNew));
    await take("a", 4 * mebibyte + 1);
    expect(note.objects.size).toBe(0);
    for (let count = 0; count < 16; count += 1) await take(`b${count}`, 4 * mebibyte - (count === 0 ? 1 : 0));
    expect(note.objects.size).toBe(16);
    await take("c", 2);
    expect(note.objects.size).toBe(16);
    await take("d", 1);
    expect(note.objects.size).toBe(17);
    expect(note.files).toHaveLength(19);
  });

  test("keeps what neither a commit nor the index has, as a loose object of git's", async () => {
    const note = makeWentInNote("sha1", "in/");
    const content = Buffer.from("hello\n");
    const known = { id: "ab", isChanged: false };
    await readEntry(note.watch(aFile("in/known", content, inPieces), known));
    expect(note.objects.size).toBe(0);
    await readEntry(note.watch(aFile("in/changed", content, inPieces, 0o755), { id: "ab", isChanged: true }));
    // `printf 'hello\n' | git hash-object --stdin`
    const id = "ce013625030ba8dba906f756967f9e9ca394464a";
    expect([...note.objects.keys()]).toEqual([`${id.slice(0, 2)}/${id.slice(2)}`]);
    expect(inflateSync([...note.objects.values()][0] ?? "").toString()).toBe("blob 6\0hello\n");
    const common = { rawId: id, indexId: "ab", size: 6, seconds: inPieces ? 1 : 0 };
    expect(note.files).toEqual([
      { ...common, path: "known", mode: "100644", isChanged: false },
      { ...common, path: "changed", mode: "100755", isChanged: true },
    ]);
  });
});

test("a link is noted by its target, as git has it", () => {
  const note = makeWentInNote("sha256", "");
  const link = { path: "l", kind: "symlink", mode: 0o777, size: 0, linkTarget: "a" } as const;
  const changedAt = new Date(-5_000);
  expect(note.watch({ ...link, changedAt }, isNew)).toEqual({ ...link, changedAt });
  expect(note.files).toMatchObject([{ mode: "120000", size: 1, seconds: 0, indexId: undefined }]);
  expect(note.files[0]?.rawId).toHaveLength(64);
});
