import { describe, expect, test } from "bun:test";
import { exists, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createCleanClone, hasRepository, listUnignoredFiles } from "../../../src/host/git.ts";
import { failureOf } from "../../support/failure.ts";
import { aFolder, anEnvironment, aRepository, aWorld, git, putFiles } from "../../support/temporary.ts";

/** Makes a clean clone, looks at it, and removes it. */
async function inClone<T>(folder: string, look: (target: string) => Promise<T>): Promise<T> {
  const clone = await createCleanClone(folder, await aWorld());
  try {
    return await look(join(clone.gitFolder, ".."));
  } finally {
    await clone.remove();
    expect(await exists(clone.gitFolder)).toBe(false);
  }
}

const configOf = (folder: string) =>
  inClone(folder, (target) => readFile(join(target, ".git/config"), "utf8"));

describe("listUnignoredFiles()", () => {
  test("gives what git tracks or would track, with any name", async () => {
    const folder = await aRepository({ ".gitignore": "*.log\n", "a\nb": "1", "dir/ü": "2" });
    await putFiles(folder, { "new.txt": "3", "x.log": "4" });
    const files = await listUnignoredFiles(folder, await anEnvironment());
    expect(files?.toSorted()).toEqual([".gitignore", "a\nb", "dir/ü", "new.txt"]);
  });

  test("obeys the user's own list of ignored files", async () => {
    const folder = await aRepository();
    await putFiles(folder, { ".env": "SECRET=1" });
    const XDG_CONFIG_HOME = await aFolder({ "git/ignore": ".env\n" });
    expect(await listUnignoredFiles(folder, { ...(await anEnvironment()), XDG_CONFIG_HOME })).toEqual([
      "a.txt",
    ]);
  });

  test("gives nothing outside of a repository, and nothing without git", async () => {
    const env = await anEnvironment();
    expect(await listUnignoredFiles(await aFolder(), env)).toBeUndefined();
    expect(await listUnignoredFiles(await aRepository(), { ...env, PATH: await aFolder() })).toBeUndefined();
  });
});

describe("hasRepository()", () => {
  test("is true at the root of one with a commit, and nowhere else", async () => {
    const env = await anEnvironment();
    const folder = await aRepository({ "dir/a": "1" });
    const empty = await aFolder();
    await git(empty, "init", "--quiet");
    expect(await hasRepository(folder, env)).toBe(true);
    expect(await hasRepository(join(folder, "dir"), env)).toBe(false);
    expect(await hasRepository(empty, env)).toBe(false);
    expect(await hasRepository(await aFolder(), env)).toBe(false);
  });

  test("is false in a folder that only looks like a repository", async () => {
    const folder = await aFolder();
    await git(folder, "init", "--quiet", "--bare");
    expect(await hasRepository(folder, await anEnvironment())).toBe(false);
  });
});

describe("createCleanClone()", () => {
  test("has the commits, the branch and a clean index", async () => {
    const folder = await aRepository({ "a.txt": "a\n", "b.txt": "b\n" });
    await git(folder, "branch", "other");
    await inClone(folder, async (target) => {
      expect(await git(target, "rev-parse", "HEAD")).toBe(await git(folder, "rev-parse", "HEAD"));
      expect(await git(target, "symbolic-ref", "HEAD")).toBe("refs/heads/main");
      expect(await git(target, "rev-parse", "origin/other")).toBe(await git(folder, "rev-parse", "other"));
      await putFiles(target, { "a.txt": "a\n", "b.txt": "changed\n" });
      expect(await git(target, "status", "--porcelain")).toBe("M b.txt");
      await git(target, "fsck", "--strict");
    });
  });

  test("has no hooks, logs or settings of the repository", async () => {
    const folder = await aRepository();
    await putFiles(folder, { ".git/hooks/pre-commit": "#!/bin/sh\n", ".git/info/exclude": "x\n" });
    await git(folder, "config", "http.extraheader", "Authorization: s3cret");
    await git(folder, "config", "credential.helper", "store --file=/s3cret");
    await inClone(folder, async (target) => {
      expect((await readdir(join(target, ".git"))).toSorted()).toEqual([
        "HEAD",
        "config",
        "index",
        "objects",
        "packed-refs",
        "refs",
      ]);
    });
    expect(await configOf(folder)).toMatchInlineSnapshot(`
      "[core]
      	repositoryformatversion = 0
      	filemode = true
      	bare = false
      "
    `);
  });

  test("takes the remote over without its credentials, and the name of the user", async () => {
    const folder = await aRepository();
    await git(folder, "remote", "add", "origin", "https://user:s3cret@git.example/x.git");
    await git(folder, "config", "user.name", 'A "B" \\ [c]\n[core] fsmonitor = x');
    await git(folder, "config", "user.email", "a@example.invalid");
    const config = await configOf(folder);
    expect(config).toMatchInlineSnapshot(`
      "[core]
      	repositoryformatversion = 0
      	filemode = true
      	bare = false
      [remote "origin"]
      	url = "https://git.example/x.git"
      	fetch = +refs/heads/*:refs/remotes/origin/*
      [branch "main"]
      	remote = origin
      	merge = "refs/heads/main"
      [user]
      	name = "A \\"B\\" \\\\ [c]\\n[core] fsmonitor = x"
      	email = "a@example.invalid"
      "
    `);
    await inClone(folder, async (target) => {
      expect(await git(target, "config", "--get", "remote.origin.url")).toBe("https://git.example/x.git");
      await git(target, "config", "--list");
      expect(await git(target, "config", "--default", "unset", "--get", "core.fsmonitor")).toBe("unset");
    });
  });

  test("leaves on the host what no branch holds any more", async () => {
    const folder = await aRepository({ "secret.txt": "s3cret\n" });
    const blob = await git(folder, "rev-parse", "HEAD:secret.txt");
    await git(folder, "rm", "--quiet", "secret.txt");
    await putFiles(folder, { "b.txt": "b" });
    await git(folder, "add", "b.txt");
    await git(folder, "commit", "--quiet", "--amend", "--message", "Without");
    await inClone(folder, async (target) => {
      expect(await git(target, "cat-file", "-t", "HEAD")).toBe("commit");
      expect(git(target, "cat-file", "-t", blob)).rejects.toThrow();
    });
  });

  test("is whole where the repository borrows objects from another one", async () => {
    const lender = await aRepository();
    const folder = await aFolder();
    await git(folder, "clone", "--quiet", "--shared", lender, ".");
    await inClone(folder, async (target) => {
      expect(await exists(join(target, ".git/objects/info/alternates"))).toBe(false);
      expect(await git(target, "cat-file", "-p", "HEAD:a.txt")).toBe("a");
    });
  });

  test("works from a worktree, on its branch", async () => {
    const folder = await aRepository();
    const worktree = join(await aFolder(), "tree");
    await git(folder, "worktree", "add", "--quiet", "-b", "side", worktree);
    expect(await hasRepository(worktree, await anEnvironment())).toBe(true);
    await inClone(worktree, async (target) => {
      expect(await git(target, "symbolic-ref", "HEAD")).toBe("refs/heads/side");
    });
  });

  test("works with a detached head, a shallow history and long hashes", async () => {
    const origin = await aRepository();
    await git(origin, "commit", "--quiet", "--allow-empty", "--message", "Second");
    const shallow = await aFolder();
    await git(shallow, "clone", "--quiet", "--depth=1", `file://${origin}`, ".");
    await git(shallow, "checkout", "--quiet", "--detach");
    await inClone(shallow, async (target) => {
      expect(await git(target, "rev-list", "--count", "HEAD")).toBe("1");
    });
    const long = await aFolder({ a: "1" });
    await git(long, "init", "--quiet", "--object-format=sha256");
    await git(long, "add", "a");
    await git(long, "commit", "--quiet", "--message", "First");
    await inClone(long, async (target) => {
      expect(await git(target, "log", "--format=%s")).toBe("First");
    });
  });

  test("says so when the repository is broken", async () => {
    const folder = await aRepository();
    const head = await git(folder, "rev-parse", "HEAD");
    await writeFile(join(folder, ".git/refs/heads/main"), `${head.replace(/./g, "1")}\n`);
    const error = await failureOf(createCleanClone(folder, await aWorld()));
    expect(error.code).toBe("file");
    expect(error.message).toBe(`Cannot copy the repository "${folder}": git could not clone it`);
    expect(error.hint).toBe('See what "git fsck" says there, or start without --cwd.');
  });
});
