import { beforeEach, describe, expect, test } from "bun:test";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fromText } from "../../../src/archive/byte-names.ts";
import { lookAtSource, lookAtTarget, placeCopy } from "../../../src/archive/copy-place.ts";
import type { CopySource } from "../../../src/archive/copy-place.ts";
import { Refusal } from "../../../src/archive/file-trouble.ts";
import { aFolder } from "../../support/temporary.ts";

const file: CopySource = { kind: "file", name: "src", isContents: false };
const folder: CopySource = { kind: "folder", name: "src", isContents: false };
const contents: CopySource = { kind: "folder", name: "src", isContents: true };
let root: string;

beforeEach(async () => {
  root = await aFolder({ "folder/inside": "", file: "" });
  await symlink("folder", join(root, "to-folder"));
  await symlink("file", join(root, "to-file"));
  await symlink("none", join(root, "to-none"));
  await Bun.$`mkfifo ${join(root, "fifo")}`;
});

/** Where it goes, below the root, or why it does not. */
async function place(source: CopySource, target: string): Promise<string> {
  try {
    return placeCopy(source, await lookAtTarget(fromText(`${root}/${target}`))).slice(root.length + 1);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.message;
  }
}

// The rules of "docker cp"
describe("a copy", () => {
  test.each([
    ["a file to a new name", file, "new", "new"],
    ["a file over a file", file, "file", "file"],
    ["a file into a folder", file, "folder", "folder/src"],
    ["a file into a folder with a slash", file, "folder/", "folder/src"],
    ["a file into this folder", file, ".", "src"],
    ["a file into a folder that a link leads to", file, "to-folder", "folder/src"],
    ["a file below such a folder", file, "to-folder/new", "folder/new"],
    ["a folder to a new name", folder, "new", "new"],
    ["a folder to a new name with a slash", folder, "new/", "new"],
    ["a folder into a folder", folder, "folder", "folder/src"],
    ["what is in a folder to a new name", contents, "new", "new"],
    ["what is in a folder into a folder", contents, "folder", "folder"],
    ["what is in a folder up", contents, "folder/..", ""],
  ])("of %s", async (_name, source, target, placed) => {
    expect(await place(source, target)).toBe(placed);
  });

  test.each([
    ["of a file to a new folder", file, "new/", "there is no such folder"],
    ["of a file where there is no folder for it", file, "none/new", "there is no folder for it"],
    ["of a folder where there is no folder for it", folder, "none/new", "there is no folder for it"],
    ["of a file below a file", file, "file/new", "there is no folder for it"],
    ["of a file to a file that is named as a folder", file, "file/", "it is not a folder"],
    ["of a folder over a file", folder, "file", "it is a file, which a folder does not replace"],
    ["of what is in a folder over a file", contents, "file", "it is a file, which a folder does not replace"],
    ["to a link to a file", file, "to-file", "it is a link; name the file that it leads to"],
    ["to a link to nothing", file, "to-none", "it is a link; name the file that it leads to"],
    ["to a FIFO", file, "fifo", "it is neither a plain file nor a folder"],
  ])("%s is refused", async (_name, source, target, reason) => {
    expect(await place(source, target)).toBe(reason);
  });
});

describe("lookAtSource()", () => {
  test("follows a link that is named", async () => {
    expect(await lookAtSource(`${root}/to-file`)).toEqual({ path: `${root}/file`, kind: "file" });
    expect(await lookAtSource(`${root}/to-folder/.`)).toEqual({ path: `${root}/folder`, kind: "folder" });
  });

  test.each([
    ["none", "there is no such file or folder"],
    ["to-none", "there is no such file or folder"],
    ["file/", "not a directory"],
    ["fifo", "it is neither a plain file nor a folder"],
  ])("refuses %s", async (name, reason) => {
    const error = await lookAtSource(`${root}/${name}`).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(Refusal);
    expect((error as Refusal).message).toBe(reason);
  });

  test("has names of any bytes", async () => {
    const name = Buffer.from(`${root}/\xff`, "latin1");
    await mkdir(name);
    expect(await lookAtSource(name.toString("latin1"))).toEqual({
      path: name.toString("latin1"),
      kind: "folder",
    });
  });
});
