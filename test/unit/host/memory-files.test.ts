/** What an agent made of Claude's memory comes into the record and no further, whatever the archive holds. */
import { describe, expect, test } from "bun:test";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packTar } from "modern-tar";
import { memoryLimits } from "../../../src/core/memory-files.ts";
import { openIncoming } from "../../../src/host/incoming-files.ts";
import { digestOf } from "../../../src/host/known-content.ts";
import { keepMemory } from "../../../src/host/memory-files.ts";
import type { ArrivedMemory } from "../../../src/host/memory-files.ts";
import { aFolder } from "../../support/temporary.ts";

type Entry = Parameters<typeof packTar>[0][number];

const place = "-home-node-workspace/memory";
const file = (path: string, body: string | Uint8Array): Entry => ({
  header: { name: path, size: body.length, type: "file" },
  body,
});
const inside = (files: Readonly<Record<string, string>>) =>
  Object.entries(files).map(([path, body]) => file(`${place}/${path}`, body));
const wentIn = (files: Readonly<Record<string, string>>) =>
  Object.entries(files).map(([path, body]) => ({ path, digest: digestOf(body) }));

async function keep(
  entries: Entry[],
  before: Readonly<Record<string, string>>,
  more: Partial<ArrivedMemory> = {},
) {
  const record = await aFolder({ "memory/old.md": "of an earlier pull", "receipt.json": "{}" });
  const incoming = await openIncoming(record);
  await writeFile(join(incoming.folder, "0.part"), await packTar(entries));
  const arrived = { name: "0.part", root: undefined, wentIn: wentIn(before), isPartial: false, ...more };
  const { changed, removed, refused } = await keepMemory(incoming, record, arrived);
  await incoming.remove();
  const all = await readdir(record, { recursive: true, withFileTypes: true });
  const files = all.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  const kept = files.map((path) => path.slice(record.length + 1)).toSorted();
  return { changed, removed, refused, kept };
}

describe("keepMemory()", () => {
  test("keeps what is new or changed, names what is gone, and takes the place of an earlier pull", async () => {
    const before = { "MEMORY.md": "one", "same.md": "same", "gone.md": "x" };
    const after = { "MEMORY.md": "two", "same.md": "same", "sub/new.md": "new" };
    expect(await keep(inside(after), before)).toEqual({
      changed: ["MEMORY.md", "sub/new.md"],
      removed: ["gone.md"],
      refused: [],
      kept: ["memory/MEMORY.md", "memory/sub/new.md", "receipt.json"],
    });
    expect(await keep(inside(before), before)).toEqual({
      changed: [],
      removed: [],
      refused: [],
      kept: ["receipt.json"],
    });
  });

  test("finds it below the folder of an archive that the engine made", async () => {
    const entries = [file(`projects/${place}/a.md`, "x"), file(`other/${place}/b.md`, "x")];
    expect(await keep(entries, {}, { root: "projects" })).toMatchObject({ changed: ["a.md"] });
    // The control: elsewhere in the same archive nothing is looked for
    expect(await keep(entries, {}, { root: "other" })).toMatchObject({ changed: ["b.md"] });
  });

  test("does not take for gone what may only not have come", async () => {
    const before = { "a.md": "x", "b.md": "x" };
    expect(await keep(inside({ "a.md": "x" }), before, { isPartial: true })).toMatchObject({ removed: [] });
    expect(await keep(inside({ "a.md": "x" }), before)).toMatchObject({ removed: ["b.md"] });
  });

  test("takes no transcript, no link, no path that leads out, nothing but plain Markdown", async () => {
    const link = { header: { name: `${place}/link.md`, size: 0, type: "symlink", linkname: "/etc/passwd" } };
    const entries = [
      file("-home-node-workspace/00000000-0000-0000-0000-000000000000.jsonl", "{}"),
      file(`-other/memory/x.md`, "x"),
      file(`${place}/../../../out.md`, "x"),
      file(`${place}/a.sh`, "x"),
      file(`${place}/zero.md`, "a\0b"),
      file(`${place}/bytes.md`, new Uint8Array([0xff])),
      link as Entry,
      file(`${place}/fine.md`, "x"),
    ];
    expect(await keep(entries, {})).toEqual({
      changed: ["fine.md"],
      removed: [],
      refused: [
        '"a.sh" is no Markdown file with a plain name',
        '"bytes.md" is no text',
        '"zero.md" is no text',
      ],
      kept: ["memory/fine.md", "receipt.json"],
    });
  });

  test("has limits for a file, for their number and for all together", async () => {
    const large = "x".repeat(memoryLimits.fileBytes);
    const one = await keep(inside({ "a.md": large, "b.md": `${large}x` }), {});
    expect(one).toMatchObject({ changed: ["a.md"], refused: ['"b.md" is larger than 256 KiB'] });
    const many = Array.from({ length: memoryLimits.files + 12 }, (_, index) => [
      `${String(index).padStart(3, "0")}.md`,
      "x",
    ]);
    const of = await keep(inside(Object.fromEntries(many)), {});
    expect(of.changed).toHaveLength(memoryLimits.files);
    expect(of.refused).toHaveLength(11);
    expect(of.refused[0]).toBe('"200.md" is one of more than 200 files');
    expect(of.refused.at(-1)).toBe("and 2 more");
    const nine = Array.from({ length: 9 }, (_, index) => [`${index}.md`, large]);
    const sum = await keep(inside(Object.fromEntries(nine)), {});
    expect(sum.changed).toHaveLength(8);
    expect(sum.refused).toEqual(['"8.md" makes it more than 2.0 MiB']);
  });
});
