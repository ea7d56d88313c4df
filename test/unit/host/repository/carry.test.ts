import { describe, expect, test } from "bun:test";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasRepository } from "../../../../src/host/git.ts";
import { failureOf } from "../../../support/failure.ts";
import { takenIn } from "../../../support/taken-in.ts";
import { aFolder, anEnvironment, aRepository, git, putFiles } from "../../../support/temporary.ts";

/** Takes a folder in, and looks at it as it is in the bottle. */
async function inBottle<T>(folder: string, look: (target: string) => Promise<T>): Promise<T> {
  return look((await takenIn(folder)).folder);
}

const configOf = (folder: string) =>
  inBottle(folder, (target) => readFile(join(target, ".git/config"), "utf8"));

describe("a repository in a bottle", () => {
  test("has the commits, the branch and a clean index", async () => {
    const folder = await aRepository({ "a.txt": "a\n", "b.txt": "b\n" });
    await git(folder, "branch", "other");
    await inBottle(folder, async (target) => {
      expect(await git(target, "rev-parse", "HEAD")).toBe(await git(folder, "rev-parse", "HEAD"));
      expect(await git(target, "symbolic-ref", "HEAD")).toBe("refs/heads/main");
      expect(await git(target, "rev-parse", "other")).toBe(await git(folder, "rev-parse", "other"));
      await putFiles(target, { "b.txt": "changed\n" });
      expect(await git(target, "status", "--porcelain")).toBe("M b.txt");
      await git(target, "fsck", "--strict");
    });
  });

  test("has no hooks, logs or settings of the repository", async () => {
    const folder = await aRepository();
    await putFiles(folder, { ".git/hooks/pre-commit": "#!/bin/sh\n", ".git/info/exclude": "x\n" });
    await git(folder, "config", "http.extraheader", "Authorization: s3cret");
    await git(folder, "config", "credential.helper", "store --file=/s3cret");
    await inBottle(folder, async (target) => {
      expect((await readdir(join(target, ".git"))).toSorted()).toEqual([
        "HEAD",
        "config",
        "index",
        "info",
        "objects",
        "packed-refs",
        "refs",
      ]);
    });
    expect(await configOf(folder)).toMatchInlineSnapshot(`
      "[core]
      	repositoryformatversion = 0
      	bare = false
      	logallrefupdates = true
      	checkstat = minimal
      	trustctime = false
      	filemode = true
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
      	bare = false
      	logallrefupdates = true
      	checkstat = minimal
      	trustctime = false
      	filemode = true
      [remote "origin"]
      	url = https://git.example/x.git
      	fetch = +refs/heads/*:refs/remotes/origin/*
      [user]
      	name = "A \\"B\\" \\\\ [c]\\n[core] fsmonitor = x"
      	email = a@example.invalid
      "
    `);
    await inBottle(folder, async (target) => {
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
    await inBottle(folder, async (target) => {
      expect(await git(target, "cat-file", "-t", "HEAD")).toBe("commit");
      expect(git(target, "cat-file", "-t", blob)).rejects.toThrow();
    });
  });

  test("works from a worktree, on its branch", async () => {
    const folder = await aRepository();
    const worktree = join(await aFolder(), "tree");
    await git(folder, "worktree", "add", "--quiet", "-b", "side", worktree);
    expect(await hasRepository(worktree, await anEnvironment())).toBe(true);
    await inBottle(worktree, async (target) => {
      expect(await git(target, "symbolic-ref", "HEAD")).toBe("refs/heads/side");
    });
  });

  test("works with a detached head, a shallow history and long hashes", async () => {
    const origin = await aRepository();
    await git(origin, "commit", "--quiet", "--allow-empty", "--message", "Second");
    const shallow = await aFolder();
    await git(shallow, "clone", "--quiet", "--depth=1", `file://${origin}`, ".");
    await git(shallow, "checkout", "--quiet", "--detach");
    await inBottle(shallow, async (target) => {
      expect(await git(target, "rev-list", "--count", "HEAD")).toBe("1");
    });
    const long = await aFolder({ a: "1" });
    await git(long, "init", "--quiet", "--object-format=sha256");
    await git(long, "add", "a");
    await git(long, "commit", "--quiet", "--message", "First");
    await inBottle(long, async (target) => {
      expect(await git(target, "log", "--format=%s")).toBe("First");
    });
  });

  test("says so when the repository is broken", async () => {
    const folder = await aRepository();
    const head = await git(folder, "rev-parse", "HEAD");
    await writeFile(join(folder, ".git/refs/heads/main"), `${head.replace(/./g, "1")}\n`);
    const error = await failureOf(takenIn(folder));
    expect(error.code).toBe("file");
    expect(error.message).toBe(`Cannot copy the repository "${folder}": git does not read it`);
    expect(error.hint).toBe('See what "git status" and "git fsck" say there, or start with --empty.');
  });
});

test("a repository on another disk than the state folder goes in, and nothing is written to it", async () => {
  const other = await mkdtemp("/dev/shm/bottle-test-").catch(() => undefined);
  // Where there is no second file system, that it is not touched is shown all the same
  const folder = other ?? (await aFolder());
  try {
    await putFiles(folder, { "a.txt": "a\n" });
    await git(folder, "init", "--quiet");
    await git(folder, "add", "--all");
    await git(folder, "commit", "--quiet", "--message", "First");
    await chmod(join(folder, ".git/objects/pack"), 0o500);
    const before = (await readdir(folder, { recursive: true })).toSorted();
    await inBottle(folder, async (target) => {
      expect(await git(target, "log", "--format=%s")).toBe("First");
      await git(target, "fsck", "--strict");
    });
    expect((await readdir(folder, { recursive: true })).toSorted()).toEqual(before);
  } finally {
    if (other !== undefined) await rm(other, { recursive: true });
  }
});
