/** What is known of a repository before it goes in, and what is noted of it for the way back. */
import { expect, test } from "bun:test";
import { cp, readFile, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { parseWentIn } from "../../../../src/core/went-in.ts";
import { readRepository } from "../../../../src/host/repository/read-repository.ts";
import { takenIn } from "../../../support/taken-in.ts";
import { aFolder, aRepository, aWorld, git, putFiles } from "../../../support/temporary.ts";

test("a repository within is told apart from untracked files", async () => {
  const folder = await aRepository({ "a.txt": "a\n" });
  await putFiles(folder, { "b.txt": "b", "sub/c.txt": "c", "inner/d.txt": "d" });
  await git(join(folder, "inner"), "init", "--quiet");
  const { env } = await aWorld();
  const { untracked, nested, tracked } = await readRepository(folder, "", env);
  expect(untracked.toSorted()).toEqual(["b.txt", "sub/c.txt"]);
  expect(nested).toEqual(["inner"]);
  expect(tracked.map((one) => one.path)).toEqual(["a.txt"]);
});

test("a file that the user has deleted is noted as absent, so that it is no deletion of the agent's", async () => {
  const folder = await aRepository({ "a.txt": "a\n", "gone.txt": "g\n" });
  const id = await git(folder, "rev-parse", "HEAD:gone.txt");
  await rm(join(folder, "gone.txt"));
  const { wentIn } = await takenIn(folder);
  const note = parseWentIn(await readFile(join(wentIn, "0/went-in"), "latin1"));
  expect([...(note?.absent ?? [])]).toEqual([["gone.txt", id]]);
  expect(note?.files.map((one) => one.path)).toEqual(["a.txt"]);
});

test("branches and tags are noted with what they were at, and no ref that only names another", async () => {
  const folder = await aRepository({ "a.txt": "a\n" });
  const id = await git(folder, "rev-parse", "HEAD");
  await git(folder, "branch", "other");
  await git(folder, "tag", "v1");
  await git(folder, "symbolic-ref", "refs/heads/alias", "refs/heads/other");
  const { wentIn } = await takenIn(folder);
  const note = parseWentIn(await readFile(join(wentIn, "0/went-in"), "latin1"));
  const names = ["refs/heads/main", "refs/heads/other", "refs/tags/v1"];
  expect(note?.refs.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
    names.map((name) => ({ id, name })),
  );
});

test("what is staged goes along before the first commit, though an object of it is missing", async () => {
  const folder = await aFolder({ "a.txt": "kept\n", "b.txt": "lost\n" });
  await git(folder, "init", "--quiet");
  await git(folder, "add", "--all");
  const lost = await git(folder, "rev-parse", ":b.txt");
  await rm(join(folder, ".git/objects", lost.slice(0, 2), lost.slice(2)), { force: true });
  const target = (await takenIn(folder)).folder;
  expect(await git(target, "show", ":a.txt")).toBe("kept");
});

test("what is staged and in no commit goes along, also where there is no commit", async () => {
  const folder = await aRepository({ "a.txt": "a\n" });
  const fresh = await aFolder({ "a.txt": "" });
  await git(fresh, "init", "--quiet");
  for (const one of [folder, fresh]) {
    await putFiles(one, { "a.txt": "staged\n" });
    await git(one, "add", "--all");
    await putFiles(one, { "a.txt": "later\n" });
    const target = (await takenIn(one)).folder;
    expect(await git(target, "show", ":a.txt")).toBe("staged");
    expect(await readFile(join(target, "a.txt"), "utf8")).toBe("later\n");
  }
});

test("what the manifest excludes stays out, tracked or not, and is noted as absent if it is tracked", async () => {
  const folder = await aRepository({ "a.txt": "a\n", "secret/one.pem": "1\n", "b.pem": "2\n" });
  await putFiles(folder, { "new.pem": "3", "new.txt": "4" });
  const { folder: target, wentIn } = await takenIn(folder, {}, { exclude: ["*.pem"] });
  const there = await Array.fromAsync(new Bun.Glob("**/*.{pem,txt}").scan({ cwd: target }));
  expect(there.toSorted()).toEqual(["a.txt", "new.txt"]);
  const note = parseWentIn(await readFile(join(wentIn, "0/went-in"), "latin1"));
  expect([...(note?.absent.keys() ?? [])].toSorted()).toEqual(["b.pem", "secret/one.pem"]);
  // The agent sees no deletion there
  expect(await git(target, "status", "--porcelain")).toBe("?? new.txt");
});

test("what only the user's disk holds is kept beside the copy, up to 4 MiB a file, as objects that git reads", async () => {
  const mebibyte = 1024 * 1024;
  const folder = await aRepository({ "a.txt": "a\n", "same.txt": "same\n" });
  const large = "x".repeat(4 * mebibyte);
  await putFiles(folder, { "a.txt": "changed\n", "new.txt": "new\n", "large.bin": large });
  await putFiles(folder, { "larger.bin": `${large}x` });
  await symlink("a.txt", join(folder, "link"));
  const { wentIn } = await takenIn(folder);
  const note = parseWentIn(await readFile(join(wentIn, "0/went-in"), "latin1"));
  const idOf = (path: string) => note?.files.find((one) => one.path === path)?.rawId ?? "";
  // A repository of its own, so that only those objects are there
  const apart = await aFolder();
  await git(apart, "init", "--quiet", "--bare");
  await cp(join(wentIn, "0/objects"), join(apart, "objects"), { recursive: true });
  for (const [path, text] of [
    ["a.txt", "changed"],
    ["new.txt", "new"],
    ["link", "a.txt"],
  ] as const)
    expect([path, await git(apart, "cat-file", "blob", idOf(path))]).toEqual([path, text]);
  expect(await git(apart, "cat-file", "-s", idOf("large.bin"))).toBe(String(4 * mebibyte));
  for (const path of ["same.txt", "larger.bin"]) {
    expect(idOf(path)).toMatch(/^[0-9a-f]{40}$/);
    await expect(git(apart, "cat-file", "-e", idOf(path))).rejects.toThrow();
  }
});
