/** Which files that a filter program makes are as the commit has them, by what the index noted of size and time. */
import { expect, test } from "bun:test";
import { mkdir, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findFiltered } from "../../../../src/host/repository/filtered-files.ts";
import { readRepository } from "../../../../src/host/repository/read-repository.ts";
import { aRepository, aWorld, git, putFiles } from "../../../support/temporary.ts";

/** A repository whose `*.bin` go through a filter `f`, with one that does nothing. Gives its root once `change` was done to it. */
async function find(change: (folder: string, path: string) => unknown, isConfigured = true) {
  const folder = await aRepository({ "a.txt": "a\n" });
  await putFiles(folder, { ".gitattributes": "*.bin filter=f\n", "x.bin": "12345", "sub/ä.bin": "1" });
  if (isConfigured)
    for (const key of ["clean", "smudge"]) await git(folder, "config", `filter.f.${key}`, "cat");
  const old = new Date("2020-01-02T03:04:05.678Z");
  await utimes(join(folder, "x.bin"), old, old);
  await git(folder, "add", "--all");
  await git(folder, "commit", "--quiet", "--message", "Second");
  await change(folder, join(folder, "x.bin"));
  const { env } = await aWorld();
  const { asCommitted, unknown } = await findFiltered(await readRepository(folder, "", env), env);
  return { asCommitted: [...asCommitted].toSorted(), unknown: [...unknown].toSorted() };
}

test("files that nobody has touched are as committed, and others are none of its business", async () => {
  expect(await find(() => undefined)).toEqual({ asCommitted: ["sub/ä.bin", "x.bin"], unknown: [] });
});

test.each<[string, (folder: string, path: string) => Promise<unknown>]>([
  ["another size and the same time", (_folder, path) => keepTime(path, () => writeFile(path, "123456"))],
  ["the same size, a second later", (_folder, path) => moveTime(path, 1_000)],
  ["the same size, a second earlier", (_folder, path) => moveTime(path, -1_000)],
])("a file with %s may be anything", async (_name, change) => {
  expect(await find(change)).toEqual({ asCommitted: ["sub/ä.bin"], unknown: ["x.bin"] });
});

test("parts of a second are not checked, since not every system keeps them", async () => {
  const { asCommitted } = await find((_folder, path) => moveTime(path, 200));
  expect(asCommitted).toContain("x.bin");
});

test.each<[string, (folder: string, path: string) => Promise<unknown>]>([
  ["gone", (_folder, path) => rm(path)],
  ["a link", (folder, path) => rm(path).then(() => symlink(join(folder, "a.txt"), path))],
  ["a folder", (_folder, path) => rename(path, `${path}.old`).then(() => mkdir(path))],
])("what is %s now is no file that could be one or the other", async (_name, change) => {
  const { asCommitted, unknown } = await find(change);
  expect([asCommitted, unknown]).toEqual([["sub/ä.bin"], []]);
});

test("a file in conflict is as git has left it, and none of its business", async () => {
  const { asCommitted, unknown } = await find(async (folder, path) => {
    await git(folder, "checkout", "--quiet", "-b", "other");
    for (const [branch, text] of [
      ["other", "theirs"],
      ["main", "ours"],
    ] as const) {
      await git(folder, "checkout", "--quiet", branch);
      await writeFile(path, text);
      await git(folder, "commit", "--quiet", "--all", "--message", text);
    }
    await git(folder, "merge", "--quiet", "other").catch(() => "");
    expect(await git(folder, "ls-files", "--unmerged")).toContain("x.bin");
  });
  expect([asCommitted, unknown]).toEqual([["sub/ä.bin"], []]);
});

test("a filter that this user has not set up changes nothing", async () => {
  expect(await find(() => undefined, false)).toEqual({ asCommitted: [], unknown: [] });
});

async function keepTime(path: string, change: () => Promise<void>): Promise<void> {
  const { atime, mtime } = await stat(path);
  await change();
  await utimes(path, atime, mtime);
}

async function moveTime(path: string, ms: number): Promise<void> {
  const { atime, mtime } = await stat(path);
  await utimes(path, atime, new Date(mtime.getTime() + ms));
}
