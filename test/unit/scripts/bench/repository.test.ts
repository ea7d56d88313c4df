import { expect, test } from "bun:test";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "bun";
import { chooseShapes, describeFile, makeRepository } from "../../../../scripts/lib/bench/repository.ts";
import { git } from "../../../support/git.ts";
import { aFolder } from "../../../support/temporary.ts";

const shape = { name: "8 files", tracked: 8, untracked: 2, untrackedBytes: 100_001 };

test("no number of files is all of them, one asks for itself alone, and another number than the bench has is none", () => {
  const names = (files: string | undefined, isLarge: boolean) =>
    chooseShapes(files, isLarge)?.map(({ name }) => name);
  expect(names(undefined, false)).toEqual(["700 files", "30,000 files", "100,000 files", "1 GB untracked"]);
  expect(names("700", false)).toEqual(["700 files"]);
  expect(names("30000,700", true)).toEqual(["30,000 files", "700 files", "1 GB untracked"]);
  expect(names(undefined, true)).toEqual(["1 GB untracked"]);
  for (const wrong of ["701", "", "700,", "0700", "7e2", "all"]) expect(names(wrong, false)).toBeUndefined();
});

test("the large one is a gigabyte", () => {
  const [large] = chooseShapes(undefined, true) ?? [];
  expect((large?.untracked ?? 0) * (large?.untrackedBytes ?? 0)).toBe(1_000_000_000);
});

test("every file has a path of its own, and 30,000 are 119 MB", () => {
  const files = Array.from({ length: 30_000 }, (_, index) => describeFile(index));
  expect(new Set(files.map(({ path }) => path)).size).toBe(30_000);
  expect(Math.round(files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6)).toBe(119);
});

test("a repository has its files with one commit, is packed, and is the same each time", async () => {
  const folders = [
    await makeRepository(await aFolder({}), shape),
    await makeRepository(await aFolder({}), shape),
  ];
  const trees = await Promise.all(folders.map((folder) => git(folder, "rev-parse", "HEAD^{tree}")));
  expect(trees[0]).toBe(trees[1] ?? "");
  const [folder = ""] = folders;
  expect(await git(folder, "status", "--porcelain")).toBe("?? untracked-0.bin\n?? untracked-1.bin");
  expect(await git(folder, "rev-list", "--count", "--all")).toBe("1");
  expect(await git(folder, "count-objects")).toStartWith("0 objects");
  for (let index = 0; index < shape.tracked; index += 1) {
    const { path, bytes } = describeFile(index);
    expect((await stat(join(folder, path))).size).toBe(bytes);
  }
  expect((await readdir(folder)).toSorted()).toEqual([
    ".git",
    "part-0",
    "untracked-0.bin",
    "untracked-1.bin",
  ]);
});

test("untracked files are different, the same each time, and do not pack", async () => {
  const folders = [
    await makeRepository(await aFolder({}), shape),
    await makeRepository(await aFolder({}), shape),
  ];
  const read = (folder: string | undefined, index: number) =>
    Bun.file(join(folder ?? "", `untracked-${index}.bin`)).bytes();
  const first = await read(folders[0], 0);
  expect(first.length).toBe(shape.untrackedBytes);
  expect(gzipSync(Buffer.from(first)).length).toBeGreaterThan(99_000);
  expect(Bun.hash(await read(folders[1], 0))).toBe(Bun.hash(first));
  expect(Bun.hash(await read(folders[0], 1))).not.toBe(Bun.hash(first));
});
