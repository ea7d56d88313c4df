import { describe, expect, test } from "bun:test";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packTar } from "modern-tar";
import { unpackTranscript } from "../../../src/host/transcript-files.ts";
import { aFolder } from "../../support/temporary.ts";

type Entry = Parameters<typeof packTar>[0][number];

function file(name: string, content = "x"): Entry {
  return {
    header: { name, size: content.length, type: "file", mtime: new Date(1_600_000_000_000) },
    body: content,
  };
}

async function unpack(entries: Entry[]): Promise<{ names: string[]; folder: string }> {
  const archive = join(await aFolder(), "x.tar");
  await writeFile(archive, await packTar(entries));
  const folder = await aFolder();
  return { names: await unpackTranscript(archive, folder), folder };
}

describe("unpackTranscript()", () => {
  test("takes plain files out, with their time, for the user alone", async () => {
    const { names, folder } = await unpack([
      file("-home-node-workspace/a.jsonl", "one\n"),
      file("b.jsonl", "y".repeat(1_000)),
    ]);
    expect(names).toEqual(["-home-node-workspace/a.jsonl", "b.jsonl"]);
    expect(await readFile(join(folder, "-home-node-workspace/a.jsonl"), "utf8")).toBe("one\n");
    const status = await stat(join(folder, "b.jsonl"));
    expect([status.mode & 0o777, status.size, status.mtimeMs]).toEqual([0o600, 1_000, 1_600_000_000_000]);
  });

  test("takes long names, which stand in a header of their own", async () => {
    const name = `${"d".repeat(120)}/${"f".repeat(120)}.jsonl`;
    expect((await unpack([file(name)])).names).toEqual([name]);
  });

  test("leaves out what is no plain file or has no plain name", async () => {
    const hostile = [
      "../out",
      "/etc/x",
      "a/../../b",
      "a//b",
      "./a",
      ".hidden",
      "a/.b",
      "a\nb",
      "a\u001b[31m",
      "a\\b",
      "C:x",
      "a.",
      "a ",
    ];
    const { names, folder } = await unpack([
      ...hostile.map((name) => file(name)),
      { header: { name: "link", size: 0, type: "symlink", linkname: "/etc/passwd" } },
      { header: { name: "hard", size: 0, type: "link", linkname: "/etc/passwd" } },
      { header: { name: "folder/", size: 0, type: "directory" } },
      file("good.jsonl"),
    ]);
    expect(names).toEqual(["good.jsonl"]);
    expect(await readdir(folder)).toEqual(["good.jsonl"]);
  });

  test("does not write through a link that came before, nor over a file", async () => {
    const { names } = await unpack([
      { header: { name: "a", size: 0, type: "symlink", linkname: "/tmp" } },
      file("b", "first"),
      file("b", "second"),
      file("b/c"),
    ]);
    expect(names).toEqual(["b"]);
  });

  test("ends quietly where the archive is cut off or no archive", async () => {
    const archive = join(await aFolder(), "x.tar");
    const whole = await packTar([file("a.jsonl", "z".repeat(2_000))]);
    await writeFile(archive, whole.subarray(0, 1_000));
    expect(await unpackTranscript(archive, await aFolder())).toEqual(["a.jsonl"]);
    await writeFile(archive, "no archive");
    expect(await unpackTranscript(archive, await aFolder())).toEqual([]);
  });
});
