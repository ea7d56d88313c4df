import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readTar } from "../../../src/archive/read-tar.ts";
import { renderHeader } from "../../../src/archive/tar-header.ts";
import { noBody } from "../../../src/archive/tar-item.ts";
import type { Member, TarItem } from "../../../src/archive/tar-item.ts";
import { writeTar } from "../../../src/archive/write-tar.ts";
import { inPieces } from "../../support/hostile-tar.ts";
import { aFolder } from "../../support/temporary.ts";

const base: Member = {
  name: "a",
  kind: "file",
  what: "a file",
  mode: 0o640,
  size: 0,
  changedAt: 1_600_000_000,
  linkTarget: "",
};

async function* give(items: readonly TarItem[]): AsyncGenerator<TarItem> {
  yield* items;
}

async function write(items: readonly TarItem[], owner = { uid: 0, gid: 0 }): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(writeTar(give(items), owner)));
}

async function readBack(archive: Buffer): Promise<TarItem[]> {
  const items: TarItem[] = [];
  for await (const item of readTar(inPieces(archive), { hasNotes: true })) {
    if (!("note" in item)) for await (const _piece of item.body) continue;
    items.push(item);
  }
  return items;
}

const members: readonly (readonly [string, Partial<Member>])[] = [
  ["a plain file", { name: "a/b.txt" }],
  ["a name that is as long as the header's room", { name: "n".repeat(100) }],
  ["a longer one", { name: `${"n".repeat(99)}/${"m".repeat(200)}` }],
  ["one that is no UTF-8", { name: "\xff\xfe" }],
  ["a long one that is no UTF-8", { name: "\xff".repeat(150) }],
  ["a name with what a terminal obeys", { name: "\u001b[31m\n=3" }],
  ["a folder", { kind: "directory", name: "folder" }],
  ["a folder with a name of 100", { kind: "directory", name: "d".repeat(100) }],
  ["a link", { kind: "symlink", name: "l", linkTarget: "../x\xff" }],
  ["a long link", { kind: "symlink", name: "l", linkTarget: "t".repeat(300) }],
  ["a hard link", { kind: "hardlink", name: "h", linkTarget: "a" }],
  ["a time with a fraction", { changedAt: 1_600_000_000.123456 }],
  ["a time before 1970", { changedAt: -86_400.5 }],
  ["a time after 2242", { changedAt: 9_000_000_000 }],
];

describe("writeTar()", () => {
  test.each(members)("writes %s as it is read", async (_name, change) => {
    const member = { ...base, ...change };
    const [item] = await readBack(await write([{ member, body: noBody() }]));
    if (!item || "note" in item) throw new Error("No member came");
    expect({ ...item.member, what: "" }).toEqual({ ...member, what: "" });
  });

  test("is a tar to others, with whose files they are", async () => {
    const file = join(await aFolder(), "x.tar");
    const content = "x".repeat(5);
    const items = [
      ...members.map(([, change]) => ({ member: { ...base, ...change }, body: noBody() })),
      { member: { ...base, name: "content", size: 5 }, body: inPieces(Buffer.from(content)) },
    ];
    await writeFile(file, await write(items, { uid: 3_000_000, gid: 100 }));
    const listed = await Bun.$`tar --numeric-owner --quoting-style=literal -tvf ${file}`
      .env({ LC_ALL: "C" })
      .quiet();
    expect(listed.stderr.toString()).toBe("");
    expect(listed.stdout.toString("latin1")).toContain(`-rw-r----- 3000000/100`);
    expect((await Bun.$`tar -xOf ${file} content`.text()).trim()).toBe(content);
    for (const [, { name }] of members)
      if (name && !name.includes("\n")) expect(listed.stdout.toString("latin1")).toContain(name);
  });

  test("says a size that octal digits cannot say", () => {
    const header = renderHeader({ ...base, kind: "file", size: 2 ** 36 }, { uid: 0, gid: 0 });
    expect(header.toString("latin1")).toContain(`size=${2 ** 36}\n`);
  });

  test("fills up a content that breaks off and calls it spoilt, and cuts one that is too long", async () => {
    const archive = await write([
      { member: { ...base, size: 2_000 }, body: inPieces(Buffer.from("short")) },
      { member: { ...base, name: "b", size: 3 }, body: inPieces(Buffer.from("too long"), 2) },
      { member: { ...base, name: "c" }, body: noBody() },
    ]);
    const items = await readBack(archive);
    expect(items.map((item) => ("note" in item ? item.note : item.member.name))).toEqual([
      "a",
      "spoilt",
      "b",
      "c",
    ]);
    expect(archive.toString("latin1")).not.toContain("too long");
  });
});
