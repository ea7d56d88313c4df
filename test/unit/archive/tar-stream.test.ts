import { describe, expect, test } from "bun:test";
import { unpackTar } from "modern-tar";
import { streamTar } from "../../../src/archive/tar-stream.ts";
import { makeTar } from "../../../src/archive/small-tar.ts";
import type { FileEntry } from "../../../src/core/file-entry.ts";

async function read(stream: ReadableStream<Uint8Array>) {
  return unpackTar(await Bun.readableStreamToBytes(stream));
}

function file(path: string, content: string | (() => Promise<Uint8Array>)): FileEntry {
  const give = typeof content === "string" ? () => Promise.resolve(Buffer.from(content)) : content;
  return { path, kind: "file", mode: 0o644, size: 5, read: give };
}

describe("makeTar()", () => {
  test("begins with ./, so that no file name is taken for the start of a compressed archive", async () => {
    const bytes = Buffer.from(await makeTar([{ path: "\u001f\u008bgz", mode: 0o600, content: "x" }]));
    expect(bytes.subarray(0, 3).toString("latin1")).toBe("./\u0000");
  });

  test("keeps kind, mode, owner, target and content", async () => {
    const entries = await unpackTar(
      await makeTar([
        { path: "run", kind: "directory", mode: 0o700, uid: 1000, gid: 1001 },
        { path: "run/secret", mode: 0o400, uid: 1000, gid: 1000, content: "vä\n" },
        { path: "run/empty", mode: 0o644 },
        { path: "run/link", kind: "symlink", mode: 0o777, linkTarget: "../etc/x" },
        { path: "bytes", mode: 0o755, content: new Uint8Array([0, 255]) },
      ]),
    );
    const seen = entries.map(({ header, data }) => [
      header.name,
      header.type,
      header.mode?.toString(8),
      `${header.uid}:${header.gid}`,
      header.linkname || Buffer.from(data ?? []).toString("hex"),
    ]);
    expect(seen).toEqual([
      ["./", "directory", "755", "0:0", ""],
      ["run/", "directory", "700", "1000:1001", ""],
      ["run/secret", "file", "400", "1000:1000", Buffer.from("vä\n").toString("hex")],
      ["run/empty", "file", "644", "0:0", ""],
      ["run/link", "symlink", "777", "0:0", "../etc/x"],
      ["bytes", "file", "755", "0:0", "00ff"],
    ]);
    expect(entries.every(({ header }) => header.mtime?.getTime() === 0)).toBe(true);
  });

  test("gives equal bytes for equal entries", async () => {
    const entries = [{ path: "Dockerfile", mode: 0o644, content: "FROM x" }];
    expect(await makeTar(entries)).toEqual(await makeTar(entries));
  });

  test.each([
    ["long", `${"folder/".repeat(40)}${"n".repeat(200)}`],
    ["without a place to cut", "n".repeat(250)],
    ["outside ASCII", `${"ü".repeat(80)}/日本語.txt`],
  ])("keeps a name that is %s", async (_name, path) => {
    const [, entry] = await unpackTar(await makeTar([{ path, mode: 0o644, content: "x" }]));
    expect(entry?.header.name).toBe(path);
    expect(Buffer.from(entry?.data ?? []).toString()).toBe("x");
  });
});

describe("streamTar()", () => {
  test("puts the first entries first and files below their prefix, with the group's owner", async () => {
    const link: FileEntry = { path: "b", kind: "symlink", mode: 0o777, size: 0, linkTarget: "a" };
    const folder: FileEntry = { path: "d", kind: "directory", mode: 0o750, size: 0 };
    async function* later() {
      yield file("c", "three");
    }
    const entries = await read(
      await streamTar(
        [{ path: "first", mode: 0o600, content: "one", uid: 7, gid: 8 }],
        [
          { prefix: "home/w", files: [file("a", "two"), link, folder], uid: 1000 },
          { prefix: "other", files: later(), uid: 0 },
        ],
      ),
    );
    const seen = entries.map(({ header, data }) =>
      [
        header.name,
        `${header.uid}:${header.gid}`,
        header.linkname || Buffer.from(data ?? []).toString(),
      ].join(" "),
    );
    expect(seen).toEqual([
      "./ 0:0 ",
      "first 7:8 one",
      "home/w/a 1000:1000 two",
      "home/w/b 1000:1000 a",
      "home/w/d/ 1000:1000 ",
      "other/c 0:0 three",
    ]);
  });

  test("reads a file only when its turn comes", async () => {
    let reads = 0;
    const files = Array.from({ length: 50 }, (_, index) =>
      file(`f${index}`, async () => {
        reads += 1;
        return new Uint8Array(1_000_000);
      }),
    );
    const reader = (await streamTar([], [{ prefix: "w", files, uid: 0 }])).getReader();
    await reader.read();
    await reader.read();
    expect(reads).toBeLessThan(5);
    await reader.cancel();
  });

  test("fails with the error of a file that cannot be read", async () => {
    const gone = new Error("the file is gone");
    const stream = await streamTar(
      [],
      [{ prefix: "w", files: [file("a", "x"), file("b", () => Promise.reject(gone))], uid: 0 }],
    );
    expect(await read(stream).catch((error: unknown) => error)).toBe(gone);
  });

  test("keeps to what was read when a file changed after it was counted", async () => {
    const entries = await read(
      await streamTar([], [{ prefix: "w", files: [file("a", "longer than five")], uid: 0 }]),
    );
    expect(Buffer.from(entries[1]?.data ?? []).toString()).toBe("longer than five");
  });
});
