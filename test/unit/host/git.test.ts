import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { hasRepository } from "../../../src/host/git.ts";
import { aFolder, anEnvironment, aRepository, git } from "../../support/temporary.ts";

describe("hasRepository()", () => {
  test("is true at the root of one, with or without a commit, and nowhere else", async () => {
    const env = await anEnvironment();
    const folder = await aRepository({ "dir/a": "1" });
    const empty = await aFolder();
    await git(empty, "init", "--quiet");
    expect(await hasRepository(folder, env)).toBe(true);
    expect(await hasRepository(join(folder, "dir"), env)).toBe(false);
    expect(await hasRepository(empty, env)).toBe(true);
    expect(await hasRepository(await aFolder(), env)).toBe(false);
  });

  test("is false in a folder that only looks like a repository", async () => {
    const folder = await aFolder();
    await git(folder, "init", "--quiet", "--bare");
    expect(await hasRepository(folder, await anEnvironment())).toBe(false);
  });
});
