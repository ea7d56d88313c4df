import { describe, expect, test } from "bun:test";
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { FileHandle } from "node:fs/promises";
import {
  findText,
  readText,
  removeDrafts,
  writeAtomically,
  writeThrough,
  writeWhole,
} from "../../../src/host/files.ts";
import { failureOf } from "../../support/failure.ts";
import { aFolder } from "../../support/temporary.ts";

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

test("writeWhole() goes on where a write took less than it was given", async () => {
  const written: Uint8Array[] = [];
  const write = async (data: Uint8Array, offset: number, length: number) => {
    const bytesWritten = Math.min(3, length);
    written.push(data.slice(offset, offset + bytesWritten));
    return { bytesWritten, buffer: data };
  };
  await writeWhole({ write } as unknown as FileHandle, Buffer.from("0123456789"));
  expect(Buffer.concat(written).toString()).toBe("0123456789");
});

describe("findText()", () => {
  test("gives the text, and nothing where there is no file", async () => {
    const folder = await aFolder({ a: "text" });
    expect(await findText(join(folder, "a"))).toBe("text");
    expect(await findText(join(folder, "b"))).toBeUndefined();
    expect(await findText(join(folder, "a/b"))).toBeUndefined();
  });

  test("does not wait for a FIFO, nor read a device or a folder", async () => {
    const folder = await aFolder();
    await Bun.$`mkfifo ${join(folder, "fifo")}`;
    for (const path of [join(folder, "fifo"), "/dev/zero", folder]) {
      const error = await failureOf(findText(path));
      expect(error.code).toBe("file");
      expect(error.message).toBe(`Cannot read "${path}": it is not a plain file`);
      expect(error.hint).toBe("Check the path and who may use it.");
    }
  });

  test("says why in words, and the path once", async () => {
    const path = join(await aFolder({ link: "" }), "loop");
    await symlink(path, path);
    expect((await failureOf(findText(path))).message).toMatch(
      /^Cannot read "[^"]*\/loop": (?:too many symbolic links encountered|too many levels of symbolic links)$/,
    );
  });

  test("does not read what is far too large", async () => {
    const path = join(await aFolder(), "large");
    await Bun.$`truncate -s 17M ${path}`;
    expect((await failureOf(findText(path))).message).toEndWith("it is larger than 16.0 MiB");
  });
});

describe("readText()", () => {
  test("names a file that is not there", async () => {
    const path = join(await aFolder(), "no\u001b[2Jne");
    const error = await failureOf(readText(path));
    expect(error.message).toEndWith('no\\x1b[2Jne": there is no such file');
    expect(error.code).toBe("file");
  });
});

describe("writeAtomically()", () => {
  test("makes folders and a file for the user alone, and leaves no draft", async () => {
    const folder = await aFolder();
    const path = join(folder, "state/deep/file.json");
    await writeAtomically(path, "one");
    await writeAtomically(path, "two");
    expect(await readFile(path, "utf8")).toBe("two");
    expect([await modeOf(path), await modeOf(join(folder, "state"))]).toEqual(["600", "700"]);
    expect(await readdir(join(folder, "state/deep"))).toEqual(["file.json"]);
  });

  test("may be called twice at once", async () => {
    const path = join(await aFolder(), "file");
    await Promise.all(["one", "two"].map((text) => writeAtomically(path, text)));
    expect(["one", "two"]).toContain(await readFile(path, "utf8"));
  });

  test("leaves what was there when it cannot go on", async () => {
    const folder = await aFolder();
    await mkdir(join(folder, "taken/inner"), { recursive: true });
    const error = await failureOf(writeAtomically(join(folder, "taken"), "x"));
    expect(error.code).toBe("file");
    expect(error.message).toStartWith(`Cannot write "${folder}/taken": `);
    expect(error.hint).toBe("Check the path and who may use it.");
    expect(await readdir(folder)).toEqual(["taken"]);
  });
});

test("removeDrafts() removes what a killed writer left, and nothing else", async () => {
  const folder = await aFolder({ "receipt.json": "{}", "receipt.json.0-1.draft": "{", "draft/kept": "" });
  await removeDrafts(folder);
  expect((await readdir(folder)).toSorted()).toEqual(["draft", "receipt.json"]);
  await removeDrafts(join(folder, "missing"));
});

describe("writeThrough()", () => {
  test("keeps a link and the mode of what it leads to", async () => {
    const folder = await aFolder({ "dotfiles/m.json": "old" });
    await chmod(join(folder, "dotfiles/m.json"), 0o664);
    await symlink("dotfiles/m.json", join(folder, "m.json"));
    await writeThrough(join(folder, "m.json"), "new");
    expect((await lstat(join(folder, "m.json"))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, "dotfiles/m.json"), "utf8")).toBe("new");
    expect(await modeOf(join(folder, "dotfiles/m.json"))).toBe("664");
  });

  test("makes a new file as any editor would", async () => {
    const path = join(await aFolder(), "m.json");
    await writeThrough(path, "{}");
    expect(await modeOf(path)).toBe((0o666 & ~process.umask()).toString(8));
  });
});
