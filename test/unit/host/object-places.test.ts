import { describe, expect, test } from "bun:test";
import { cp, mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readWorkspace } from "../../../src/host/workspace/workspace.ts";
import { failureOf } from "../../support/failure.ts";
import { contentOf } from "../../support/taken-in.ts";
import { aFolder, anEnvironment, aRepository, git, putFiles } from "../../support/temporary.ts";

/** A repository of the user's own, with a secret that its branches have no more; gives the id of the commit that has it. */
async function aNeighbour(): Promise<{ readonly own: string; readonly id: string }> {
  const own = await aRepository({ "plan.txt": "s3cret\n" });
  const id = await git(own, "rev-parse", "HEAD");
  await git(own, "commit", "--quiet", "--amend", "--message", "Other", "--allow-empty");
  return { own, id };
}

/** What goes in: the notes of the plan, and the folder's name in which everything is as in a bottle. */
async function takeIn(cwd: string, home: string) {
  const env = { ...(await anEnvironment()), HOME: home };
  const workspace = await readWorkspace({ cwd, env, home, pid: process.pid });
  const target = await aFolder();
  for await (const entry of workspace.entries()) {
    const path = join(target, entry.path);
    if (entry.kind === "directory") await mkdir(path, { recursive: true });
    else if (entry.kind === "file") await writeFile(path, await contentOf(entry));
  }
  return { notes: workspace.notes ?? [], target };
}

const tricks: readonly [string, (folder: string, own: string) => Promise<unknown>][] = [
  [
    "a list of alternates",
    (folder, own) => putFiles(folder, { ".git/objects/info/alternates": `${own}/.git/objects\n` }),
  ],
  [
    "a list of alternates with a relative path",
    (folder, own) => {
      const up = "../".repeat(folder.split("/").length + 1);
      return putFiles(folder, { ".git/objects/info/alternates": `${up}${own.slice(1)}/.git/objects\n` });
    },
  ],
  [
    "a list of alternates with a quoted path",
    (folder, own) =>
      putFiles(folder, {
        ".git/objects/info/alternates": `# list\n"${own.replace("t", "\\164")}/.git/objects"\n`,
      }),
  ],
  [
    "a list of alternates that leads to another one of its own",
    async (folder, own) => {
      await putFiles(folder, {
        ".git/more/info/alternates": `${own}/.git/objects\n`,
        ".git/objects/info/alternates": "../more\n",
      });
    },
  ],
  [
    "a link in place of its objects",
    async (folder, own) => {
      await rm(join(folder, ".git/objects"), { recursive: true });
      await symlink(join(own, ".git/objects"), join(folder, ".git/objects"));
    },
  ],
  [
    "a link in place of its packs",
    async (folder, own) => {
      await git(own, "-c", "gc.reflogExpire=never", "repack", "--quiet", "-a", "-d", "-k");
      await rm(join(folder, ".git/objects/pack"), { recursive: true });
      await symlink(join(own, ".git/objects/pack"), join(folder, ".git/objects/pack"));
    },
  ],
  [
    "links in place of packs",
    async (folder, own) => {
      await git(own, "-c", "gc.reflogExpire=never", "repack", "--quiet", "-a", "-d", "-k");
      const packs = join(own, ".git/objects/pack");
      for (const name of await readdir(packs))
        await symlink(join(packs, name), join(folder, ".git/objects/pack", name));
    },
  ],
  [
    "links in place of single objects",
    async (folder, own) => {
      const objects = join(own, ".git/objects");
      for (const name of (await readdir(objects)).filter((one) => one.length === 2)) {
        await mkdir(join(folder, ".git/objects", name), { recursive: true });
        for (const file of await readdir(join(objects, name)))
          await symlink(join(objects, name, file), join(folder, ".git/objects", name, file)).catch(
            () => undefined,
          );
      }
    },
  ],
];

describe("a folder somebody sent, whose repository names a neighbour's commit", () => {
  test.each(tricks)("is refused: %s", async (_name, play) => {
    const [{ own, id }, folder, home] = [await aNeighbour(), await aRepository(), await aFolder()];
    await play(folder, own);
    await putFiles(folder, { ".git/refs/heads/other": `${id}\n` });
    // The control: git shows the neighbour's there
    expect(await git(folder, "show", "other:plan.txt")).toBe("s3cret");
    const { message, hint } = await failureOf(takeIn(folder, home));
    expect(message).toContain("its repository borrows objects from");
    expect(hint).toContain(`git config --global --add claude-bottle.borrowFrom ${own}"`);
    // What the folder itself says counts nothing
    await git(folder, "config", "--add", "claude-bottle.borrowFrom", own);
    expect((await failureOf(takeIn(folder, home))).message).toContain("borrows objects from");
  });

  test("is refused as a worktree of a repository that was sent along", async () => {
    const [{ own, id }, parent, home] = [await aNeighbour(), await aFolder(), await aFolder()];
    const main = await aRepository();
    await rename(main, join(parent, "main"));
    await git(join(parent, "main"), "worktree", "add", "--quiet", "../tree");
    expect((await takeIn(join(parent, "tree"), home)).notes).toEqual([]);
    await putFiles(parent, {
      "main/.git/objects/info/alternates": `${own}/.git/objects\n`,
      "main/.git/refs/heads/other": `${id}\n`,
    });
    expect(await git(join(parent, "tree"), "show", "other:plan.txt")).toBe("s3cret");
    expect((await failureOf(takeIn(join(parent, "tree"), home))).message).toContain("borrows objects from");
    await rm(join(parent, "main/.git/objects/info/alternates"));
    await rm(join(parent, "main/.git/refs/heads/other"));
    await symlink(join(own, ".git/refs/heads/main"), join(parent, "main/.git/refs/heads/other"));
    expect((await failureOf(takeIn(join(parent, "tree"), home))).message).toContain("passes another");
  });

  test("is refused inside of a repository of the user's", async () => {
    const [{ own, id }, outer, home] = [await aNeighbour(), await aRepository(), await aFolder()];
    await cp(await aRepository(), join(outer, "sent"), { recursive: true });
    await putFiles(outer, {
      "sent/.git/objects/info/alternates": `${own}/.git/objects\n`,
      "sent/.git/refs/heads/other": `${id}\n`,
    });
    expect((await failureOf(takeIn(outer, home))).message).toContain("borrows objects from");
  });
});

test("the name of the place is not what a shell would run", async () => {
  const [folder, home, parent] = [await aRepository(), await aFolder(), await aFolder()];
  const lender = join(parent, "$(touch x)\x1b[31m");
  await rename(await aRepository(), lender);
  await putFiles(folder, { ".git/objects/info/alternates": `${lender}/.git/objects\n` });
  const { message, hint } = await failureOf(takeIn(folder, home));
  expect(message).not.toContain("\x1b");
  expect(hint).toEndWith('--add claude-bottle.borrowFrom FOLDER".');
});

describe("a clone that borrows honestly", () => {
  test("goes in once the user has said from where, whole and standing alone, and the plan says so", async () => {
    const [lender, folder, home] = [await aRepository(), await aFolder(), await aFolder()];
    await git(folder, "clone", "--quiet", "--shared", lender, ".");
    expect((await failureOf(takeIn(folder, home))).message).toContain("borrows objects from");
    await putFiles(home, { ".gitconfig": `[claude-bottle]\n\tborrowFrom = ${lender}\n` });
    const { notes, target } = await takeIn(folder, home);
    expect(notes).toEqual([`the repository: it borrows objects from ${lender}/.git/objects`]);
    expect(await git(target, "cat-file", "-p", "HEAD:a.txt")).toBe("a");
    expect(await Bun.file(join(target, ".git/objects/info/alternates")).exists()).toBe(false);
  });

  test("takes nothing of the lender in but what it leads to itself", async () => {
    const [{ own, id }, folder, home] = [await aNeighbour(), await aFolder(), await aFolder()];
    await git(own, "checkout", "--quiet", "--orphan", "fresh");
    await git(own, "rm", "--quiet", "-rf", ".");
    await git(own, "commit", "--quiet", "--allow-empty", "--message", "Fresh");
    await git(folder, "clone", "--quiet", "--shared", "--single-branch", own, ".");
    await putFiles(home, { ".gitconfig": `[claude-bottle]\n\tborrowFrom = ${own}\n` });
    expect(await git(folder, "cat-file", "-t", id)).toBe("commit");
    const { target } = await takeIn(folder, home);
    await expect(git(target, "cat-file", "-t", id)).rejects.toThrow();
    expect(await git(target, "cat-file", "-t", "HEAD")).toBe("commit");
  });

  test.each([
    ["a folder above the lender", (lender: string) => join(lender, "..")],
    ["a path from home", () => "~/lender"],
  ])("may be named by %s", async (_name, name) => {
    const [folder, home] = [await aFolder(), await aFolder()];
    const lender = join(home, "lender");
    await rename(await aRepository(), lender);
    await git(folder, "clone", "--quiet", "--shared", lender, ".");
    await putFiles(home, { ".gitconfig": `[claude-bottle]\n\tborrowFrom = ${name(lender)}\n` });
    expect((await takeIn(folder, home)).notes).toHaveLength(1);
  });
});
