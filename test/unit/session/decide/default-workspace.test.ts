import { describe, expect, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { takesCopy } from "../../../../src/session/decide/default-workspace.ts";
import type { World } from "../../../../src/host/world.ts";
import { aFolder, anEnvironment, aRepository, git } from "../../../support/temporary.ts";

async function ask(cwd: string, home?: string): Promise<boolean> {
  const env = await anEnvironment();
  return takesCopy({ env, cwd, home: home ?? env["HOME"] ?? "" } as unknown as World);
}

describe("takesCopy()", () => {
  test("of a repository, with or without a commit, and of a worktree", async () => {
    const repository = await aRepository();
    expect(await ask(repository)).toBe(true);
    const worktree = join(await aFolder(), "other");
    await git(repository, "worktree", "add", "--quiet", worktree);
    expect(await ask(worktree)).toBe(true);
    const fresh = await aFolder();
    await git(fresh, "init", "--quiet");
    expect(await ask(fresh)).toBe(true);
  });

  test("of no other folder, and not of one within a repository", async () => {
    expect(await ask(await aFolder())).toBe(false);
    const repository = await aRepository();
    await mkdir(join(repository, "inner"));
    expect(await ask(join(repository, "inner"))).toBe(false);
  });

  test("never of the home folder, also where it is a repository", async () => {
    const home = await aRepository();
    expect(await ask(home, home)).toBe(false);
    expect(await ask(home, join(home, "user"))).toBe(false);
  });
});
