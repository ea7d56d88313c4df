import { expect, test } from "bun:test";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { readRepository } from "../../../../src/host/repository/read-repository.ts";
import { aRepository, aWorld, git, putFiles } from "../../../support/temporary.ts";

/** A repository on a file system that tells case apart, with the setting for one that does not. */
async function aRepositoryFromElsewhere(): Promise<string> {
  const folder = await aRepository({ "b.txt": "b\n", ".gitignore": "*.log\n" });
  await git(folder, "config", "core.ignoreCase", "true");
  return folder;
}

test("a file that differs from a tracked one by case alone is there, and the tracked one is not", async () => {
  const folder = await aRepositoryFromElsewhere();
  await rename(join(folder, "b.txt"), join(folder, "B.txt"));
  const { untracked } = await readRepository(folder, "", (await aWorld()).env);
  expect(untracked).toEqual(["B.txt"]);
});

test("what is ignored in any case stays out, and what is tracked is there once", async () => {
  const folder = await aRepositoryFromElsewhere();
  await putFiles(folder, { "secret.LOG": "x", "new.txt": "n" });
  const { untracked, tracked } = await readRepository(folder, "", (await aWorld()).env);
  expect(untracked).toEqual(["new.txt"]);
  expect(tracked.map((one) => one.path)).toEqual([".gitignore", "b.txt"]);
});
