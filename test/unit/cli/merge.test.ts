import type { Receipt } from "../../../src/protocol/receipt.ts";
import { describe, expect, test } from "bun:test";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { command as diffCommand } from "../../../src/cli/commands/diff.ts";
import { command } from "../../../src/cli/commands/merge.ts";
import { command as pullCommand } from "../../../src/cli/commands/pull.ts";
import { recordFolder, writeReceipt } from "../../../src/host/session-records.ts";
import { stateFolder } from "../../../src/host/state.ts";
import { failureOf } from "../../support/failure.ts";
import { aReceipt } from "../../support/receipts.ts";
import { aCommandHome } from "../../support/run-command.ts";
import { aRepository, git, putFiles } from "../../support/temporary.ts";

const stem = "refs/bottles/k3f9q2";
const person = {
  GIT_AUTHOR_NAME: "U",
  GIT_AUTHOR_EMAIL: "u@example.invalid",
  GIT_COMMITTER_NAME: "U",
  GIT_COMMITTER_EMAIL: "u@example.invalid",
};

/**
 * A session that has ended: `work` makes its commits in the user's repository, on a branch that is then hidden away as a ref of the session,
 * as bringing back does it.
 */
async function anEndedSession(work: (agent: Agent) => Promise<void>, differences: Partial<Receipt> = {}) {
  const made = await aCommandHome({}, { list: async () => [] });
  const folder = await aRepository({ "a.txt": "one\ntwo\nthree\n", "b.txt": "b\n" });
  const head = await git(folder, "rev-parse", "HEAD");
  await git(folder, "checkout", "--quiet", "-b", "agent");
  await work(new Agent(folder));
  await git(folder, "checkout", "--quiet", "--force", "main");
  await git(folder, "branch", "--quiet", "-D", "agent");
  const { app } = made;
  const world = { ...app.world, cwd: folder, env: { ...person, PATH: process.env["PATH"], HOME: made.home } };
  Object.assign(app, { world });
  const receipt = aReceipt({
    workspace: folder,
    startedFrom: [{ repository: "", head }],
    broughtBack: [{ ref: `${stem}/heads/main`, id: "x", commits: 1, repository: "" }],
    ...differences,
  });
  await writeReceipt(stateFolder(world), receipt);
  const read = (path: string) => readFile(join(folder, path), "utf8");
  return { ...made, folder, head, read, record: recordFolder(stateFolder(world), receipt.session) };
}

class Agent {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    await putFiles(this.folder, files);
  }

  async commit(files: Readonly<Record<string, string>>, ref?: string): Promise<void> {
    await this.write(files);
    await git(this.folder, "add", "--all");
    await git(this.folder, "commit", "--quiet", "-m", `Change ${Object.keys(files).join(" ")}`);
    if (ref !== undefined) await git(this.folder, "update-ref", `${stem}/${ref}`, "HEAD");
  }
}

describe("merge", () => {
  test("merges commits and applies what was not committed as changes of the work tree", async () => {
    const { run, folder, read } = await anEndedSession(async (agent) => {
      await agent.commit({ "a.txt": "ONE\ntwo\nthree\n" }, "heads/main");
      await agent.commit({ "a.txt": "ONE\ntwo\nTHREE\n", "new.bin": "\0\u0001" }, "uncommitted");
    });
    const { stderr, exitCode } = await run(command, { bottle: "k3f9q2" });
    expect([exitCode, stderr]).toEqual([
      0,
      "Merged 1 commit.\nApplied uncommitted changes to the work tree: 2 files.\n",
    ]);
    expect(await git(folder, "log", "--format=%s")).toBe("Change a.txt\nFirst");
    expect(await git(folder, "status", "--porcelain")).toBe("M a.txt\n?? new.bin");
    expect(await read("a.txt")).toBe("ONE\ntwo\nTHREE\n");
    const again = await run(command, { bottle: "k3f9q2" });
    expect([again.exitCode, again.stderr]).toEqual([
      0,
      "The uncommitted changes are already in the work tree.\n",
    ]);
  });

  test("makes a merge where the user went on too, and keeps what the user has not committed", async () => {
    const { run, folder, read } = await anEndedSession((agent) =>
      agent.commit({ "a.txt": "ONE\ntwo\nthree\n" }, "heads/main"),
    );
    await new Agent(folder).commit({ "c.txt": "c\n" });
    await writeFile(join(folder, "b.txt"), "mine\n");
    const { exitCode } = await run(command, { bottle: "hello-k3f9q2" });
    expect(exitCode).toBe(0);
    expect(await git(folder, "log", "-1", "--format=%s")).toBe("Merge the work of hello-k3f9q2");
    expect(await git(folder, "log", "-1", "--format=%an")).toBe("U");
    expect([await read("a.txt"), await read("b.txt")]).toEqual(["ONE\ntwo\nthree\n", "mine\n"]);
  });

  test("is troubled by no setting of the user's", async () => {
    const { run, folder, read } = await anEndedSession(async (agent) => {
      await mkdir(join(agent.folder, "sub"), { recursive: true });
      await agent.commit({ "sub/c.txt": "c\n" }, "heads/main");
      await agent.commit({ "sub/c.txt": "C  \n", "a.txt": "A\n" }, "uncommitted");
    });
    const settings = [
      ["diff.noprefix", "true"],
      ["diff.mnemonicPrefix", "true"],
      ["color.ui", "always"],
      ["color.diff", "always"],
      ["diff.external", "false"],
      ["apply.whitespace", "error"],
      ["merge.ff", "false"],
      ["commit.verbose", "true"],
    ] as const;
    for (const [key, value] of settings) await git(folder, "config", key, value);
    const { stderr, exitCode } = await run(command, { bottle: "k3f9q2" });
    expect([exitCode, stderr]).toEqual([
      0,
      "Merged 1 commit.\nApplied uncommitted changes to the work tree: 2 files.\n",
    ]);
    expect([await read("sub/c.txt"), await read("a.txt")]).toEqual(["C  \n", "A\n"]);
  });

  test("--squash stages the changes, --no-commit leaves the merge open", async () => {
    const work = (agent: Agent) => agent.commit({ "a.txt": "ONE\ntwo\nthree\n" }, "heads/main");
    const squashed = await anEndedSession(work);
    await squashed.run(command, { bottle: "k3f9q2", squash: true });
    expect(await git(squashed.folder, "status", "--porcelain")).toBe("M  a.txt");
    expect(await git(squashed.folder, "rev-parse", "HEAD")).toBe(squashed.head);
    const open = await anEndedSession(work);
    await open.run(command, { bottle: "k3f9q2", commit: false });
    expect(await git(open.folder, "rev-parse", "HEAD")).toBe(open.head);
    expect(await git(open.folder, "rev-parse", "MERGE_HEAD")).not.toBe(open.head);
  });

  test("--branch makes a branch and touches nothing that is checked out", async () => {
    const { run, folder, head } = await anEndedSession(async (agent) => {
      await agent.commit({ "a.txt": "ONE\ntwo\nthree\n" }, "heads/main");
      await agent.commit({ "b.txt": "B\n" }, "uncommitted");
    });
    const { stderr, exitCode } = await run(command, { bottle: "k3f9q2", branch: "review" });
    expect(exitCode).toBe(0);
    expect(stderr).toContain("Made branch review with 1 commit; nothing was checked out.");
    expect(stderr).toContain(`cherry-pick --no-commit ${stem}/uncommitted`);
    expect(await git(folder, "rev-parse", "HEAD")).toBe(head);
    expect(await git(folder, "status", "--porcelain")).toBe("");
    expect(await git(folder, "rev-parse", "review")).toBe(
      await git(folder, "rev-parse", `${stem}/heads/main`),
    );
    expect((await run(command, { bottle: "k3f9q2", branch: "review" })).exitCode).toBe(1);
    expect((await run(command, { bottle: "k3f9q2", branch: "--force" })).exitCode).toBe(1);
  });

  test("leaves a conflict as git does, applies nothing on top of it, and fails", async () => {
    const { run, folder, read } = await anEndedSession(async (agent) => {
      await agent.commit({ "a.txt": "agent\n" }, "heads/main");
      await agent.commit({ "b.txt": "B\n" }, "uncommitted");
    });
    await new Agent(folder).commit({ "a.txt": "user\n" });
    const { stderr, exitCode } = await run(command, { bottle: "k3f9q2" });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("CONFLICT (content): Merge conflict in a.txt");
    expect(stderr).toContain('or undo it with "git merge --abort"');
    expect(stderr).toContain("Not applied: the uncommitted changes are kept");
    expect(await read("b.txt")).toBe("b\n");
  });

  test("marks what does not fit where only uncommitted work conflicts", async () => {
    const { run, folder, read } = await anEndedSession((agent) =>
      agent.commit({ "a.txt": "agent\n" }, "uncommitted"),
    );
    await new Agent(folder).commit({ "a.txt": "user\n" });
    const { stderr, exitCode } = await run(command, { bottle: "k3f9q2" });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("do not apply to the work tree");
    expect(await read("a.txt")).toContain("<<<<<<<");
  });

  test("refuses to write over what the user has not committed", async () => {
    const { run, folder, read } = await anEndedSession((agent) =>
      agent.commit({ "a.txt": "agent\n" }, "heads/main"),
    );
    await writeFile(join(folder, "a.txt"), "mine\n");
    const { stderr, exitCode } = await run(command, { bottle: "k3f9q2" });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("would be overwritten by merge");
    expect(await read("a.txt")).toBe("mine\n");
  });

  test("runs no hook, which the agent may have written; git alone would", async () => {
    const { run, folder } = await anEndedSession(async (agent) => {
      await agent.write({ ".hooks/post-merge": "#!/bin/sh\ntouch ran\n" });
      await chmod(join(agent.folder, ".hooks/post-merge"), 0o755);
      await agent.commit({}, "heads/main");
    });
    await git(folder, "config", "core.hooksPath", ".hooks");
    const hasRun = () => Bun.file(join(folder, "ran")).exists();
    expect((await run(command, { bottle: "k3f9q2" })).stderr).toBe("Merged 1 commit.\n");
    expect(await hasRun()).toBe(false);
    await git(folder, "reset", "--quiet", "--hard", "HEAD~1");
    await git(folder, "merge", "--quiet", `${stem}/heads/main`);
    expect(await hasRun()).toBe(true);
  });

  test("names what it leaves, and asks which branch where there are several", async () => {
    const { run } = await anEndedSession(
      async (agent) => {
        await agent.commit({ "a.txt": "A\n" }, "heads/main");
        await agent.commit({ "c.txt": "c\n" }, "tags/v1");
      },
      { leftOutput: [{ path: "dist/", bytes: 2048, isMore: false }] },
    );
    const { stderr } = await run(command, { bottle: "k3f9q2" });
    expect(stderr).toContain(`Not merged: ${stem}/tags/v1`);
    expect(stderr).toContain("dist/ (2.0 KiB)");
    const several = await anEndedSession(async (agent) => {
      await agent.commit({ "a.txt": "A\n" }, "heads/one");
      await git(agent.folder, "reset", "--quiet", "--hard", "HEAD~1");
      await agent.commit({ "b.txt": "B\n" }, "heads/two");
    });
    const error = await failureOf(several.run(command, { bottle: "k3f9q2" }));
    expect(error.details).toEqual([
      `git -c merge.renameLimit=1000 -c diff.renameLimit=1000 merge ${stem}/heads/one`,
      `git -c merge.renameLimit=1000 -c diff.renameLimit=1000 merge ${stem}/heads/two`,
    ]);
  });

  test("says that there is nothing, that there was no folder, and which flags exclude each other", async () => {
    const { run } = await anEndedSession(async () => undefined);
    expect((await run(command, { bottle: "k3f9q2" })).stderr).toStartWith("Nothing to merge");
    const both = failureOf(run(command, { bottle: "k3f9q2", squash: true, branch: "x" }));
    expect((await both).message).toBe("Cannot merge: --squash and --branch exclude each other");
    const bare = await anEndedSession(async () => undefined, { workspace: undefined });
    expect((await failureOf(bare.run(command, { bottle: "k3f9q2" }))).message).toContain(
      "no folder was copied",
    );
  });

  test("applies the patch of a folder without a repository", async () => {
    const { run, folder, read, record } = await anEndedSession(async () => undefined, {
      files: ["changes.patch"],
      broughtBack: [],
    });
    await rm(join(folder, ".git"), { recursive: true });
    await writeFile(
      join(record, "changes.patch"),
      "diff --git a/b.txt b/b.txt\n--- a/b.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-b\n+B\n",
    );
    expect((await run(command, { bottle: "k3f9q2" })).exitCode).toBe(0);
    expect(await read("b.txt")).toBe("B\n");
    expect((await run(command, { bottle: "k3f9q2" })).stderr).toBe(
      "The changes are already in the folder.\n",
    );
    expect((await run(diffCommand, { bottle: "k3f9q2" })).stdout).toContain("b.txt");
  });
});

describe("of a session that has ended", () => {
  const work = async (agent: Agent) => {
    await agent.commit({ "a.txt": "ONE\ntwo\nthree\n" }, "heads/main");
    await agent.commit({ "b.txt": "esc\u001b[2J\n" }, "uncommitted");
  };

  test("diff shows commits and the rest, also once they are merged", async () => {
    const { run } = await anEndedSession(work);
    const before = await run(diffCommand, { bottle: "k3f9q2" });
    expect(before.stdout).toContain("2 files changed");
    await run(command, { bottle: "k3f9q2" });
    expect((await run(diffCommand, { bottle: "k3f9q2" })).stdout).toBe(before.stdout);
    const patch = await run(diffCommand, { bottle: "k3f9q2", patch: true });
    expect(patch.stdout).toContain("-one\n+ONE\n");
    expect(patch.stdout).toContain("+esc\\x1b[2J");
  });

  test("pull says that the work is here, and how to go on", async () => {
    const { run } = await anEndedSession(work);
    const { stderr, exitCode } = await run(pullCommand, { bottle: "k3f9q2" });
    expect(exitCode).toBe(0);
    expect(stderr).toContain("hello-k3f9q2 has ended; its work is already here.");
    expect(stderr).toContain("Merge:  claude-bottle merge hello-k3f9q2");
  });

  test("a word that means nothing is told as before", async () => {
    const { run } = await anEndedSession(work);
    for (const one of [command, diffCommand, pullCommand])
      expect((await failureOf(run(one, { bottle: "none" }))).message).toBe(
        'Cannot find bottle "none": no bottle of that name holds work',
      );
    expect((await failureOf(run(command, {}))).message).toBe(
      "Cannot tell whose work is meant: none is named",
    );
  });
});
