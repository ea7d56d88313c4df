import { afterAll, describe, expect, test } from "bun:test";
import {
  chmod,
  lstat,
  mkdtemp,
  readFile,
  readlink,
  rmdir,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromText, toBytes } from "../../../src/archive/byte-names.ts";
import { renderNote } from "../../../src/archive/notes.ts";
import { DiskTrouble } from "../../../src/archive/file-trouble.ts";
import { CutShort } from "../../../src/archive/tar-item.ts";
import { SenderFailed } from "../../../src/archive/take-in.ts";
import { endOfArchive, inPieces, makeHostileTar, renderRaw, unpackAt } from "../../support/hostile-tar.ts";
import type { RawMember, Unpacked } from "../../support/hostile-tar.ts";
import { aFolder } from "../../support/temporary.ts";

/** A disk of 64 KiB, where this user may make one */
const smallDisk = await mountSmallDisk();
afterAll(async () => {
  if (smallDisk === undefined) return;
  await Bun.$`umount ${smallDisk}`;
  await rmdir(smallDisk);
});

async function mountSmallDisk(): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "bottle-small-disk-"));
  const { exitCode } = await Bun.$`mount -t tmpfs -o size=64k tmpfs ${folder}`.nothrow().quiet();
  if (exitCode === 0) return folder;
  await rmdir(folder);
  return undefined;
}

/** At `at`, which is there if the test has made it. */
function unpack(at: string, ...members: RawMember[]): Promise<Unpacked> {
  return unpackAt(fromText(at), inPieces(makeHostileTar(members)));
}

async function modeOf(path: string): Promise<string> {
  return ((await lstat(path)).mode & 0o7777).toString(8);
}

/** All names below it, and no file of ours that was left */
async function namesIn(folder: string): Promise<string[]> {
  const found = await Bun.$`find . -mindepth 1`.cwd(folder).text();
  return found
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((name) => name.slice(2))
    .toSorted();
}

describe("what comes out", () => {
  test("has its content, its time and the user's modes, and nothing of other users", async () => {
    const at = join(await aFolder(), "out");
    const before = process.umask();
    const done = await unpack(
      at,
      { name: "r/", type: "5", mode: 0o7777 },
      { name: "r/setuid", mode: 0o7777, content: "x", changedAt: 1_500_000_000 },
      { name: "r/private", mode: 0o600, content: "y".repeat(100_000) },
      { name: "r/read-only", type: "5", mode: 0o555, changedAt: 1_400_000_000 },
      { name: "r/read-only/inside", content: "z" },
      { name: "r/implied/inside" },
    );
    expect(done).toMatchObject({ files: 4, bytes: 100_002, problems: [] });
    expect(process.umask()).toBe(before);
    expect(await modeOf(at)).toBe("755");
    expect(await modeOf(join(at, "setuid"))).toBe("755");
    expect((await stat(join(at, "setuid"))).mtimeMs).toBe(1_500_000_000_000);
    expect(await modeOf(join(at, "private"))).toBe("600");
    expect((await readFile(join(at, "private"), "utf8")).length).toBe(100_000);
    expect(await modeOf(join(at, "read-only"))).toBe("555");
    expect((await stat(join(at, "read-only"))).mtimeMs).toBe(1_400_000_000_000);
    expect(await modeOf(join(at, "implied"))).toBe("755");
    await chmod(join(at, "read-only"), 0o755);
  });

  test("is one file where one file was asked for", async () => {
    const at = join(await aFolder(), "file");
    expect((await unpack(at, { name: "r", content: "one" })).files).toBe(1);
    expect(await readFile(at, "utf8")).toBe("one");
  });

  test("has names of any bytes, and links as links", async () => {
    const at = join(await aFolder(), "out");
    const done = await unpack(
      at,
      { name: "r/a\xff\u001b[2J", content: "raw" },
      { name: "r/d/link", type: "2", linkTarget: "../a\xff\u001b[2J" },
      { name: "r/dangling", type: "2", linkTarget: "d/none" },
      { name: "r/hard", type: "1", linkTarget: "r/a\xff\u001b[2J" },
    );
    expect(done.problems).toEqual([]);
    expect(await readFile(Buffer.concat([toBytes(at), toBytes("/a\xff\u001b[2J")]), "utf8")).toBe("raw");
    expect(await readFile(join(at, "d/link"), "utf8")).toBe("raw");
    expect(await readlink(join(at, "dangling"))).toBe("d/none");
    expect([(await stat(join(at, "hard"))).nlink, await readFile(join(at, "hard"), "utf8")]).toEqual([
      2,
      "raw",
    ]);
    expect((await lstat(join(at, "dangling"))).mtimeMs).toBe(1_600_000_000_000);
  });

  test("stands in the place of what was there, and leaves alone what it does not name", async () => {
    const root = await aFolder({ "out/a": "old", "out/b": "keep", elsewhere: "keep" });
    const at = join(root, "out");
    await symlink("../elsewhere", join(at, "link"));
    await chmod(at, 0o700);
    await utimes(at, 1_000, 1_000);
    const done = await unpack(
      at,
      { name: "r/", type: "5", mode: 0o777 },
      { name: "r/a", content: "first" },
      { name: "r/a", content: "second" },
      { name: "r/link", content: "a file now" },
    );
    expect(done.problems).toEqual([]);
    expect(await readFile(join(at, "a"), "utf8")).toBe("second");
    expect(await readFile(join(at, "b"), "utf8")).toBe("keep");
    expect(await readFile(join(root, "elsewhere"), "utf8")).toBe("keep");
    expect([(await lstat(join(at, "link"))).isFile(), await modeOf(at)]).toEqual([true, "700"]);
    expect(await namesIn(at)).toEqual(["a", "b", "link"]);
  });

  test("replaces no folder, and is written through no link that is there", async () => {
    const root = await aFolder({ "out/folder/inside": "keep", "elsewhere/x": "keep", "out/file": "keep" });
    const at = join(root, "out");
    await symlink("../elsewhere", join(at, "link"));
    const done = await unpack(
      at,
      { name: "r/folder", content: "a file" },
      { name: "r/file/x", content: "in a file" },
      { name: "r/link/x", content: "through a link" },
      { name: "r/new", content: "fine" },
      { name: "r/other", type: "2", linkTarget: "link/x" },
    );
    expect(done.problems.map(({ name }) => name)).toEqual(["r/file/x", "r/link/x", "r/folder", "r/other"]);
    expect(done.problems.map(({ reason }) => reason.replaceAll(root, ""))).toEqual([
      '"/out/file" is there and is no folder',
      '"/out/link" is there and is a link, which is not followed',
      "a folder of that name is there, and is not replaced",
      'it is a link to "link/x", which leads out by a link that is here',
    ]);
    expect(done.files).toBe(1);
    expect(await readFile(join(root, "elsewhere/x"), "utf8")).toBe("keep");
    expect(await namesIn(at)).toEqual(["file", "folder", "folder/inside", "link", "new"]);
  });

  test("does not come out at a link, whatever it leads to", async () => {
    const root = await aFolder({ "elsewhere/x": "keep" });
    const at = join(root, "out");
    await symlink("elsewhere", at);
    const done = await unpack(at, { name: "r/", type: "5" }, { name: "r/x", content: "hostile" });
    expect(done.files).toBe(0);
    expect(await readFile(join(root, "elsewhere/x"), "utf8")).toBe("keep");
  });

  test("has no hard link to a file of the user's whose new content was refused", async () => {
    const at = join(await aFolder({ "out/a/secret": "keep" }), "out");
    const done = await unpack(
      at,
      { name: "r/a", content: "a file" },
      { name: "r/b", type: "1", linkTarget: "r/a" },
    );
    expect(done.problems.length).toBe(2);
    expect(await namesIn(at)).toEqual(["a", "a/secret"]);
  });

  test("leaves no second name of a hard link that comes twice", async () => {
    const at = join(await aFolder(), "out");
    const twice = { name: "r/b", type: "1", linkTarget: "r/a" };
    await unpack(at, { name: "r/a", content: "a" }, twice, twice);
    expect(await namesIn(at)).toEqual(["a", "b"]);
  });
});

describe("what breaks off", () => {
  const half = renderRaw({ name: "r/b", content: "h".repeat(10_000) }).subarray(0, 5_000);

  test("leaves nothing half-made, and what came before whole", async () => {
    const root = await aFolder({ "out/b": "old" });
    const at = join(root, "out");
    const archive = Buffer.concat([
      renderRaw({ name: "r/d/", type: "5", mode: 0o750 }),
      renderRaw({ name: "r/d/a", content: "whole" }),
      half,
    ]);
    const error = await unpackAt(fromText(at), inPieces(archive)).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(CutShort);
    expect(await readFile(join(at, "d/a"), "utf8")).toBe("whole");
    expect(await readFile(join(at, "b"), "utf8")).toBe("old");
    expect(await namesIn(root)).toEqual(["out", "out/b", "out/d", "out/d/a"]);
    expect(await modeOf(join(at, "d"))).toBe("750");
  });

  test("by its source's own error gives that error", async () => {
    const at = join(await aFolder(), "out");
    const reason = new Error("a signal came");
    async function* source(): AsyncGenerator<Uint8Array> {
      yield half;
      throw reason;
    }
    expect(await unpackAt(fromText(at), source()).catch((one: unknown) => one)).toBe(reason);
    expect(await namesIn(at)).toEqual([]);
  });

  test("for want of room says so before anything is written of it", async () => {
    const at = join(await aFolder(), "out");
    const huge = renderRaw({ name: "r/huge", size: 2 ** 45 });
    const error = await unpackAt(fromText(at), inPieces(huge)).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(DiskTrouble);
    expect(String(error)).toContain('"huge": it has 32.0 TiB, and the disk has room for 1.0 TiB');
  });

  test.skipIf(smallDisk === undefined)("on a disk that is full leaves what was there", async () => {
    const at = smallDisk ?? "";
    await writeFile(join(at, "a"), "old");
    const archive = makeHostileTar([{ name: "r/a", content: "x".repeat(200_000) }]);
    const error = await unpackAt(fromText(at), inPieces(archive)).catch((one: unknown) => one);
    expect(error).toMatchObject({ isFull: true });
    expect(await readFile(join(at, "a"), "utf8")).toBe("old");
    expect(await namesIn(at)).toEqual(["a"]);
  });
});

describe("what a sender says in between", () => {
  test("that a file is spoilt, keeps it from coming out", async () => {
    const at = join(await aFolder({ "out/a": "old" }), "out");
    const archive = Buffer.concat([
      renderRaw({ name: "r/a", content: "0000" }),
      renderNote({ note: "spoilt" }),
      renderRaw({ name: "r/b", content: "fine" }),
      renderNote({ note: "problem", name: "r/c", reason: "permission denied" }),
      renderNote({ note: "left-out", name: "r/.git" }),
      // Of the file before it, whatever was said meanwhile
      renderNote({ note: "spoilt" }),
      endOfArchive,
    ]);
    const done = await unpackAt(fromText(at), inPieces(archive));
    expect(await readFile(join(at, "a"), "utf8")).toBe("old");
    expect(done.leftOut).toEqual(["r/.git"]);
    expect(done.problems.map(({ name }) => name)).toEqual(["r/a", "r/c", "r/b"]);
    expect([done.files, await namesIn(at)]).toEqual([0, ["a"]]);
  });

  test("that nothing comes, is an error with its reason", async () => {
    const archive = renderNote({ note: "failed", reason: "there is no such file or folder" });
    const error = await unpackAt("/nowhere/out", inPieces(archive)).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(SenderFailed);
    expect(String(error)).toContain("there is no such file or folder");
  });
});
