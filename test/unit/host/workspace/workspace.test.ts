import { describe, expect, test } from "bun:test";
import { chmod, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { FileEntry } from "../../../../src/core/file-entry.ts";
import { readWorkspace } from "../../../../src/host/workspace/workspace.ts";
import { failureOf } from "../../../support/failure.ts";
import { aFolder, anEnvironment, aRepository, aWorld, git, putFiles } from "../../../support/temporary.ts";

async function takeIn(cwd: string) {
  const workspace = await readWorkspace({ cwd, ...(await aWorld()) });
  const entries: FileEntry[] = [];
  for await (const entry of workspace.entries()) entries.push(entry);
  const own = entries.filter((entry) => !/^\.git(\/|$)/.test(entry.path));
  const lines = own.map((one) => `${one.path} ${one.kind} ${one.mode.toString(8)}`);
  return { workspace, entries, lines: lines.toSorted() };
}

describe("readWorkspace()", () => {
  test("takes what git tracks or would track, and leaves what is ignored", async () => {
    const folder = await aRepository({ ".gitignore": ".env\n", "src/a.ts": "1", "gone.txt": "2" });
    await putFiles(folder, { ".env": "s3cret", "new.txt": "345" });
    await chmod(join(folder, "new.txt"), 0o700);
    await rm(join(folder, "gone.txt"));
    const { workspace, lines } = await takeIn(folder);
    expect(lines).toEqual([
      ".gitignore file 644",
      "new.txt file 755",
      "src directory 755",
      "src/a.ts file 644",
    ]);
    expect(workspace).toMatchObject({ directory: folder, count: 3, bytes: 9, hasRepository: true });
  });

  test("puts every folder before what is in it, and once", async () => {
    const { entries } = await takeIn(await aRepository({ "a/b/c": "1", "a/b/d": "2", "a/e": "3" }));
    const seen = new Set<string>();
    for (const { path } of entries) {
      expect(seen).not.toContain(path);
      const parent = path.split("/").slice(0, -1).join("/");
      expect(parent === "" || seen.has(parent)).toBe(true);
      seen.add(path);
    }
    for (const name of [".git/HEAD", ".git/refs/heads", ".git/objects", ".git/index"])
      expect(seen).toContain(name);
  });

  test("leaves out the user's edits of what git was told not to look at, and says so", async () => {
    const folder = await aRepository({ "a.yml": "public", "b.yml": "public", "c.yml": "public" });
    await git(folder, "update-index", "--skip-worktree", "a.yml");
    await git(folder, "update-index", "--assume-unchanged", "b.yml");
    await putFiles(folder, { "a.yml": "my own s3cret", "b.yml": "my own s3cret", "c.yml": "changed" });
    const { workspace, entries } = await takeIn(folder);
    const sizes = ["a.yml", "b.yml", "c.yml"].map((name) => entries.find(({ path }) => path === name)?.size);
    expect(sizes).toEqual(["public".length, "public".length, "changed".length]);
    expect(workspace.notes).toEqual([
      "2 files copied without your edits (skip-worktree or assume-unchanged): a.yml, b.yml",
    ]);
  });

  test("keeps links as links, wherever they lead", async () => {
    const folder = await aRepository();
    await symlink("/etc/passwd", join(folder, "out"));
    await symlink("a.txt", join(folder, "in"));
    await symlink("/etc", join(folder, "folder"));
    const { entries } = await takeIn(folder);
    const links = entries.filter((entry) => entry.kind === "symlink");
    expect(links.map((link) => `${link.path} -> ${link.linkTarget}`).toSorted()).toEqual([
      "folder -> /etc",
      "in -> a.txt",
      "out -> /etc/passwd",
    ]);
    expect(links.every((link) => link.read === undefined)).toBe(true);
  });

  test("takes no repository along from a folder below its root, and one without a commit from its root", async () => {
    const folder = await aRepository({ "sub/a": "1", b: "2" });
    const below = await takeIn(join(folder, "sub"));
    expect([below.lines, below.workspace.hasRepository]).toEqual([["a file 644"], false]);
    const fresh = await aFolder({ a: "1" });
    await git(fresh, "init", "--quiet");
    const { entries, workspace } = await takeIn(fresh);
    expect(entries.map((entry) => entry.path)).toContain(".git/HEAD");
    expect(workspace.hasRepository).toBe(true);
  });

  test("takes everything outside of a repository, but no folder of git's that is in it", async () => {
    const folder = await aFolder({ "a/b": "1", "p/.git/config": "s3cret", "p/c": "2", ".hidden": "3" });
    const { lines, workspace } = await takeIn(folder);
    expect(lines).toEqual([
      ".hidden file 644",
      "a directory 755",
      "a/b file 644",
      "p directory 755",
      "p/c file 644",
    ]);
    expect(workspace).toMatchObject({ count: 3, hasRepository: false });
  });

  test("leaves special files out, and takes a repository within the repository as one", async () => {
    const folder = await aRepository();
    await Bun.$`mkfifo fifo && git init -q nested && touch nested/x`.cwd(folder).quiet();
    const { lines } = await takeIn(folder);
    expect(lines.filter((line) => !line.includes(".git"))).toEqual([
      "a.txt file 644",
      "nested directory 755",
      "nested/x file 644",
    ]);
    expect(lines).toContain("nested/.git/HEAD file 644");
  });

  test("does not take everything when git cannot say what is ignored", async () => {
    const folder = await aRepository({ "sub/a": "1" });
    const env = { ...(await anEnvironment()), PATH: await aFolder() };
    for (const cwd of [folder, join(folder, "sub")]) {
      const error = await failureOf(readWorkspace({ ...(await aWorld()), cwd, env }));
      expect(error.code).toBe("file");
      expect(error.message).toBe(
        `Cannot list the files of "${cwd}": it is in a repository, and git does not list them`,
      );
      expect(error.hint).toBe('See what "git status" says there, and install git if it is missing.');
    }
  });
});
