import { describe, expect, test } from "bun:test";
import { rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { BottleError } from "../../../src/core/error.ts";
import { readWorkspace } from "../../../src/host/workspace/workspace.ts";
import { failureOf } from "../../support/failure.ts";
import { aFolder, aRepository, aWorld, git, putFiles } from "../../support/temporary.ts";

/** A folder somebody sent, beside a repository of the user's own. */
async function neighbours(): Promise<{ readonly hostile: string; readonly own: string }> {
  const own = await aRepository({ "plan.txt": "s3cret\n" });
  const hostile = await aRepository({ "a.txt": "a\n" });
  return { hostile, own };
}

async function takeIn(cwd: string): Promise<string[]> {
  const workspace = await readWorkspace({ cwd, ...(await aWorld()) });
  const paths: string[] = [];
  for await (const entry of workspace.entries()) paths.push(entry.path);
  return paths;
}

async function refusalOf(cwd: string): Promise<BottleError> {
  return failureOf(takeIn(cwd));
}

describe("a folder that passes another repository off as its own", () => {
  const tricks: [string, (hostile: string, own: string) => Promise<unknown>][] = [
    [
      "by a file .git",
      async (hostile, own) => {
        await rm(join(hostile, ".git"), { recursive: true });
        await putFiles(hostile, { ".git": `gitdir: ${own}/.git\n` });
      },
    ],
    [
      "by a link .git",
      async (hostile, own) => {
        await rm(join(hostile, ".git"), { recursive: true });
        await symlink(join(own, ".git"), join(hostile, ".git"));
      },
    ],
    [
      "as what it has in common with it",
      (hostile, own) => putFiles(hostile, { ".git/commondir": `${own}/.git` }),
    ],
    [
      "by a file .git that leads to a folder of its own, which leads on",
      async (hostile, own) => {
        await rename(join(hostile, ".git"), join(hostile, "elsewhere"));
        await putFiles(hostile, { ".git": "gitdir: elsewhere\n", "elsewhere/commondir": `${own}/.git` });
      },
    ],
    [
      "by a link in place of its refs",
      async (hostile, own) => {
        await rm(join(hostile, ".git/refs"), { recursive: true });
        await rm(join(hostile, ".git/objects"), { recursive: true });
        await symlink(join(own, ".git/refs"), join(hostile, ".git/refs"));
        await symlink(join(own, ".git/objects"), join(hostile, ".git/objects"));
      },
    ],
    [
      "by a link in place of one ref",
      async (hostile, own) => {
        await putFiles(hostile, { ".git/objects/info/alternates": `${own}/.git/objects\n` });
        await symlink(join(own, ".git/refs/heads/main"), join(hostile, ".git/refs/heads/other"));
      },
    ],
    [
      "by a link in place of packed refs",
      async (hostile, own) => {
        await git(own, "pack-refs", "--all");
        await putFiles(hostile, { ".git/objects/info/alternates": `${own}/.git/objects\n` });
        await symlink(join(own, ".git/packed-refs"), join(hostile, ".git/packed-refs"));
        await rm(join(hostile, ".git/refs/heads/main"));
      },
    ],
  ];

  test.each(tricks)("is not taken in: %s", async (_name, play) => {
    const { hostile, own } = await neighbours();
    await play(hostile, own);
    // The control: git shows what is the user's there
    expect(await git(hostile, "log", "--all", "-p", "--format=")).toContain("s3cret");
    expect((await refusalOf(hostile)).message).toContain("passes another");
  });

  test("is not taken in as a submodule either", async () => {
    const { hostile, own } = await neighbours();
    await putFiles(hostile, { "sub/.git": `gitdir: ${own}/.git\n` });
    await git(
      hostile,
      "update-index",
      "--add",
      "--cacheinfo",
      `160000,${await git(own, "rev-parse", "HEAD")},sub`,
    );
    expect((await refusalOf(hostile)).message).toContain("sub");
  });
});

test("a folder that calls itself a worktree of a repository that knows nothing of it is refused", async () => {
  const own = await aRepository({ "plan.txt": "s3cret\n" });
  const parent = await aFolder({
    "tree/a.txt": "a\n",
    "tree/.git": "gitdir: ../sent/worktrees/tree\n",
    "sent/worktrees/tree/HEAD": `${await git(own, "rev-parse", "HEAD")}\n`,
    "sent/worktrees/tree/commondir": `${own}/.git\n`,
  });
  const tree = join(parent, "tree");
  await putFiles(parent, { "sent/worktrees/tree/gitdir": `${tree}/.git\n` });
  // The control: git shows the neighbour's there
  expect(await git(tree, "show", "HEAD:plan.txt")).toBe("s3cret");
  expect((await refusalOf(tree)).message).toContain("passes another");
});

describe("a repository whose .git is honestly elsewhere is taken in", () => {
  test("as a linked worktree", async () => {
    const own = await aRepository();
    const linked = join(await aFolder(), "linked");
    await git(own, "worktree", "add", "--quiet", linked);
    expect(await takeIn(linked)).toContain(".git/HEAD");
  });

  test("as a submodule by itself, and within the repository around it", async () => {
    const outer = await aRepository();
    const inner = await aRepository({ "b.txt": "b\n" });
    await git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner, "sub");
    await git(outer, "commit", "--quiet", "--message", "With sub");
    expect(await takeIn(join(outer, "sub"))).toContain(".git/HEAD");
    expect(await takeIn(outer)).toContain("sub/.git/HEAD");
  });

  test("with a separate folder, which the plan names", async () => {
    const place = join(await aFolder(), "place.git");
    const folder = await aFolder({ "a.txt": "a\n" });
    await git(folder, "init", "--quiet", "--separate-git-dir", place);
    await git(folder, "add", "--all");
    await git(folder, "commit", "--quiet", "--message", "First");
    const { notes } = await readWorkspace({ cwd: folder, ...(await aWorld()) });
    expect(notes).toEqual([`the repository: its history comes from ${place}`]);
    expect(await takeIn(folder)).toContain(".git/HEAD");
  });

  test("but not with a separate folder that is a neighbour's, be it by its name, its work tree or as a bare one", async () => {
    const { hostile, own } = await neighbours();
    await rm(join(hostile, ".git"), { recursive: true });
    const place = join(await aFolder(), "place.git");
    await git(own, "clone", "--quiet", "--bare", own, place);
    await putFiles(hostile, { ".git": `gitdir: ${place}\n` });
    expect((await refusalOf(hostile)).message).toBeDefined();
    await git(place, "config", "core.bare", "false");
    await git(place, "config", "core.worktree", own);
    const taken = await takeIn(hostile).catch(() => []);
    expect(taken).not.toContain(".git/HEAD");
    await git(place, "config", "--unset", "core.worktree");
    await rename(place, join(own, "inner.git"));
    await putFiles(hostile, { ".git": `gitdir: ${own}/.git\n` });
    const { hint } = await refusalOf(hostile);
    expect(hint).toContain("core.worktree");
  });

  test("with a HEAD that is a link, as git once made them", async () => {
    const folder = await aRepository();
    await rm(join(folder, ".git/HEAD"));
    await symlink("refs/heads/main", join(folder, ".git/HEAD"));
    expect(await takeIn(folder)).toContain(".git/HEAD");
  });
});
