import { describe, expect, test } from "bun:test";
import { mkdir, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toBytes } from "../../../src/archive/byte-names.ts";
import { renderNote } from "../../../src/archive/notes.ts";
import { readTar } from "../../../src/archive/read-tar.ts";
import type { ReadOptions } from "../../../src/archive/read-tar.ts";
import { BrokenArchive, CutShort } from "../../../src/archive/tar-item.ts";
import type { Member, Note } from "../../../src/archive/tar-item.ts";
import { endOfArchive, inPieces, makeHostileTar, renderRaw } from "../../support/hostile-tar.ts";
import { aFolder } from "../../support/temporary.ts";

interface Read {
  readonly members: (Member & { content: string })[];
  readonly notes: Note[];
}

async function read(archive: Uint8Array, options?: ReadOptions, pieceSize?: number): Promise<Read> {
  const found: Read = { members: [], notes: [] };
  for await (const item of readTar(inPieces(archive, pieceSize), options)) {
    if ("note" in item) found.notes.push(item);
    else {
      let content = "";
      for await (const piece of item.body) content += Buffer.from(piece).toString("latin1");
      found.members.push({ ...item.member, content });
    }
  }
  return found;
}

/** Why it cannot be read */
function faultOf(archive: Uint8Array, options?: ReadOptions): Promise<unknown> {
  return read(archive, options).then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function namesOf(archive: Uint8Array): Promise<string[]> {
  return (await read(archive)).members.map((member) => `${member.kind} ${member.name}`);
}

/** Of GNU tar */
async function makeTar(folder: string, ...words: string[]): Promise<Uint8Array> {
  return new Uint8Array(await Bun.$`tar ${words} --sort=name -c -C ${folder} .`.arrayBuffer());
}

const longName = `${"d".repeat(90)}/${"e".repeat(90)}/${"f".repeat(90)}`;

describe("readTar()", () => {
  test.each([["gnu"], ["pax"], ["ustar"], ["v7"], ["oldgnu"]])(
    "reads what GNU tar writes as %s",
    async (format) => {
      const folder = await aFolder({ "dir/a.txt": "one\n", "dir/empty": "" });
      await symlink("../dir/a.txt", join(folder, "dir/link"));
      await Bun.$`ln ${join(folder, "dir/a.txt")} ${join(folder, "dir/hard")}`;
      await writeFile(Buffer.concat([toBytes(folder), toBytes("/no-utf8-\xff")]), "raw");
      if (format !== "v7" && format !== "ustar") {
        await mkdir(join(folder, longName), { recursive: true });
        await symlink("t".repeat(150), join(folder, longName, "long-link"));
      }
      const { members } = await read(await makeTar(folder, `--format=${format}`));
      const file = members.find((member) => member.name === "./dir/a.txt");
      expect([file?.kind, file?.content, file?.size, file && file.mode & 0o777]).toEqual([
        "file",
        "one\n",
        4,
        0o644,
      ]);
      expect(members.find((member) => member.name === "./dir")?.kind).toBe("directory");
      expect(members.find((member) => member.name === "./dir/link")?.linkTarget).toBe("../dir/a.txt");
      const hard = members.find((member) => member.name === "./dir/hard");
      expect([hard?.kind, hard?.linkTarget]).toEqual(["hardlink", "./dir/a.txt"]);
      expect(members.find((member) => member.name === "./no-utf8-\xff")?.content).toBe("raw");
      if (format === "v7" || format === "ustar") return;
      const link = members.find((member) => member.name === `./${longName}/long-link`);
      expect(link?.linkTarget).toBe("t".repeat(150));
    },
  );

  test("reads it in pieces of any size, and passes over content that nobody asks for", async () => {
    const archive = makeHostileTar([
      { name: "a", content: "x".repeat(1_000) },
      { name: "b", content: "last" },
    ]);
    const whole = await read(archive);
    for (const size of [1, 511, 513, 100_000]) expect(await read(archive, undefined, size)).toEqual(whole);
    const names: string[] = [];
    for await (const item of readTar(inPieces(archive))) if (!("note" in item)) names.push(item.member.name);
    expect(names).toEqual(["a", "b"]);
  });

  test("goes on behind a sparse file of GNU tar, in each of its forms, and says what it is", async () => {
    const folder = await aFolder({ last: "end" });
    for (let hole = 0; hole < 30; hole += 1)
      await Bun.$`printf x | dd of=${join(folder, "holes")} bs=1 seek=${hole * 1_000_000} conv=notrunc status=none`;
    await truncate(join(folder, "holes"), 40_000_000);
    for (const words of [["--format=gnu"], ["--format=pax", "--sparse-version=0.1"], ["--format=pax"]]) {
      const archive = await makeTar(folder, "-S", ...words);
      expect(archive.length).toBeLessThan(1_000_000);
      const { members } = await read(archive);
      expect(members.filter((member) => member.what.includes("sparse")).length).toBe(1);
      expect(members.at(-1)?.content).toBe("end");
    }
  });

  test("keeps times with their fraction, and sizes that octal digits cannot say", async () => {
    const pax = { mtime: "1600000000.25", size: "5" };
    const [member] = (await read(makeHostileTar([{ name: "a", content: "five!", size: 0, pax }]))).members;
    expect([member?.changedAt, member?.content]).toEqual([1_600_000_000.25, "five!"]);
    const huge = renderRaw({ name: "a", size: 2 ** 43 });
    for await (const item of readTar(inPieces(Buffer.concat([huge, Buffer.alloc(512)])))) {
      expect("note" in item ? 0 : item.member.size).toBe(2 ** 43);
      break;
    }
  });

  test.each([
    ["a device", "3"],
    ["a device", "4"],
    ["a FIFO", "6"],
    ["of an unknown kind", "N"],
    ["of an unknown kind", "Z"],
  ])("calls %s by type %s what it is, and passes over its content", async (what, type) => {
    const { members } = await read(
      makeHostileTar([{ name: "x", type, content: "c".repeat(600) }, { name: "y" }]),
    );
    expect(members.map((member) => [member.kind, member.what])).toEqual([
      ["other", what],
      ["file", "a file"],
    ]);
  });

  test("takes a name of pax before one of GNU tar before that of the header, and none from a header for all", async () => {
    const long = renderRaw({ name: "././@LongLink", type: "L", content: "gnu\0" });
    const global = renderRaw({ name: "g", type: "g", content: "16 path=forall\n\n" });
    const own = { name: "own" };
    const archive = Buffer.concat([
      global,
      renderRaw(own),
      long,
      renderRaw(own),
      long,
      renderRaw({ ...own, pax: { path: "pax" } }),
      endOfArchive,
    ]);
    expect(await namesOf(archive)).toEqual(["file own", "file gnu", "file pax"]);
  });

  test("takes a slash at the end of an old archive's name for a folder", async () => {
    expect(await namesOf(makeHostileTar([{ name: "old/", type: "\0" }]))).toEqual(["directory old"]);
  });

  test("takes notes only where there may be some", async () => {
    const problem = { note: "problem", name: "a\xff", reason: "it is a FIFO" } as const;
    const archive = Buffer.concat([renderNote(problem), renderNote({ note: "spoilt" }), endOfArchive]);
    expect((await read(archive, { hasNotes: true })).notes).toEqual([problem, { note: "spoilt" }]);
    expect((await read(archive)).notes).toEqual([]);
    const unknown = renderRaw({ name: "n", type: "Z", content: '{"note":"total","files":-1,"bytes":1}' });
    expect(await faultOf(unknown, { hasNotes: true })).toBeInstanceOf(BrokenArchive);
  });

  test("says that an archive is cut short wherever it is cut", async () => {
    const archive = Buffer.concat([
      renderRaw({ name: "a", content: "x".repeat(700), pax: { path: "long" } }),
      renderRaw({ name: "b", content: "y" }),
    ]);
    for (let length = 0; length <= archive.length; length += 37)
      expect(await faultOf(archive.subarray(0, length))).toBeInstanceOf(CutShort);
  });

  test.each([
    ["is no tar", Buffer.from("x".repeat(2_000))],
    ["has a size below zero", renderRaw({ name: "a", pax: { size: "-1" } })],
    ["has a size that no number holds", renderRaw({ name: "a", pax: { size: "99999999999999999999" } })],
    ["has a broken pax header", renderRaw({ name: "p", type: "x", content: "999 path=a\n" })],
    ["has a pax header without a length", renderRaw({ name: "p", type: "x", content: "path=a\n" })],
    ["has a pax header as long as it likes", renderRaw({ name: "p", type: "x", size: 2 ** 32 })],
    [
      "has headers for ever",
      Buffer.concat(Array.from({ length: 99 }, () => renderRaw({ name: "g", type: "g" }))),
    ],
  ])("does not go on where it %s", async (_name, archive) => {
    const error = await faultOf(archive);
    expect(error).toBeInstanceOf(BrokenArchive);
    expect(error).not.toBeInstanceOf(CutShort);
  });

  test("reads no byte behind the end, and tells its source", async () => {
    let isTold = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        yield makeHostileTar([{ name: "a" }]);
        throw new Error("it was asked for more");
      } finally {
        isTold = true;
      }
    }
    for await (const item of readTar(endless())) expect("note" in item).toBe(false);
    expect(isTold).toBe(true);
  });
});
