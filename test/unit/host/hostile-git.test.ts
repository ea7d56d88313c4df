import { describe, expect, test } from "bun:test";
import { chmod, exists, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileEntry } from "../../../src/core/file-entry.ts";
import { readWorkspace } from "../../../src/host/workspace/workspace.ts";
import { contentOf } from "../../support/taken-in.ts";
import { aFolder, aRepository, aWorld, git, putFiles } from "../../support/temporary.ts";

/** Everything a start with `--cwd` does with a repository; gives the entries with their content. */
async function takeIn(cwd: string): Promise<Map<string, FileEntry & { readonly text: string }>> {
  const workspace = await readWorkspace({ cwd, ...(await aWorld()) });
  const taken = new Map<string, FileEntry & { readonly text: string }>();
  for await (const entry of workspace.entries()) {
    const text = (await contentOf(entry)).toString("latin1");
    taken.set(entry.path, Object.assign(entry, { text }));
  }
  return taken;
}

/** A program that leaves a mark in its folder when it runs, whatever it is asked. */
async function aTrap(): Promise<{ readonly program: string; isSprung(): Promise<boolean> }> {
  const folder = await aFolder();
  const program = join(folder, "trap");
  await writeFile(program, `#!/bin/sh\ntouch "${folder}/sprung"\n`);
  await chmod(program, 0o755);
  return { program, isSprung: () => exists(join(folder, "sprung")) };
}

describe("a repository's settings", () => {
  const settings: [string, (trap: string) => Record<string, string>][] = [
    ["a file system monitor", (trap) => ({ "core.fsmonitor": trap })],
    [
      "filters",
      (trap) => ({
        "filter.x.clean": trap,
        "filter.x.smudge": trap,
        "filter.x.process": trap,
        "filter.x.required": "true",
      }),
    ],
    [
      "an ssh command and a pager",
      (trap) => ({ "core.sshCommand": trap, "core.pager": trap, "core.editor": trap }),
    ],
    ["a hook for packing", (trap) => ({ "uploadpack.packObjectsHook": trap })],
    ["a command for borrowed objects", (trap) => ({ "core.alternateRefsCommand": trap })],
    [
      "differs and mergers",
      (trap) => ({ "diff.external": trap, "diff.x.textconv": trap, "merge.x.driver": trap }),
    ],
    [
      "a credential helper and an askpass",
      (trap) => ({ "credential.helper": `!${trap}`, "core.askPass": trap }),
    ],
    ["a program for signatures", (trap) => ({ "gpg.program": trap, "log.showSignature": "true" })],
    [
      "a remote that is a command",
      (trap) => ({
        "remote.origin.url": `ext::${trap}`,
        "protocol.ext.allow": "always",
        "remote.origin.uploadpack": trap,
      }),
    ],
  ];

  test.each(settings)("run nothing with %s", async (_name, make) => {
    const trap = await aTrap();
    const folder = await aRepository({ ".gitattributes": "* filter=x diff=x merge=x\n", "a.txt": "a\n" });
    for (const [key, value] of Object.entries(make(trap.program))) await git(folder, "config", key, value);
    await putFiles(folder, { "a.txt": "changed\n" });
    expect([...(await takeIn(folder)).keys()]).toContain(".git/HEAD");
    expect(await trap.isSprung()).toBe(false);
  });

  test("run nothing from an included file", async () => {
    const trap = await aTrap();
    const folder = await aRepository();
    await putFiles(folder, { "more.config": `[core]\n\tfsmonitor = ${trap.program}\n` });
    await git(folder, "config", "include.path", "../more.config");
    await takeIn(folder);
    expect(await trap.isSprung()).toBe(false);
  });

  test("run no hook, wherever hooks are said to be", async () => {
    const trap = await aTrap();
    const folder = await aRepository();
    const hook = await readFile(trap.program, "utf8");
    for (const name of [
      "post-checkout",
      "post-index-change",
      "reference-transaction",
      "pre-auto-gc",
      "fsmonitor-watchman",
    ]) {
      await putFiles(folder, { [`.git/hooks/${name}`]: hook, [`hooks/${name}`]: hook });
      await chmod(join(folder, ".git/hooks", name), 0o755);
      await chmod(join(folder, "hooks", name), 0o755);
    }
    await takeIn(folder);
    await git(folder, "config", "core.hooksPath", join(folder, "hooks"));
    await takeIn(folder);
    expect(await trap.isSprung()).toBe(false);
  });

  test("fetch no missing object, which would run the remote's command", async () => {
    const trap = await aTrap();
    const folder = await aRepository({ "a.txt": "a\n" });
    const settings = {
      "core.repositoryFormatVersion": "1",
      "extensions.partialClone": "origin",
      "remote.origin.promisor": "true",
      "remote.origin.url": folder,
      "remote.origin.uploadpack": trap.program,
    };
    for (const [key, value] of Object.entries(settings)) await git(folder, "config", key, value);
    const blob = await git(folder, "rev-parse", "HEAD:a.txt");
    await Bun.file(join(folder, ".git/objects", blob.slice(0, 2), blob.slice(2))).delete();
    await takeIn(folder).catch(() => undefined);
    expect(await trap.isSprung()).toBe(false);
    await git(folder, "cat-file", "-p", blob).catch(() => undefined);
    expect(await trap.isSprung()).toBe(true);
  });

  test("do run with git as it is: the traps work", async () => {
    for (const make of settings.slice(0, 2).map((row) => row[1])) {
      const trap = await aTrap();
      const folder = await aRepository({ ".gitattributes": "* filter=x\n", "a.txt": "a\n" });
      for (const [key, value] of Object.entries(make(trap.program))) await git(folder, "config", key, value);
      // Of another length git would not need the filter to see the change
      await putFiles(folder, { "a.txt": "b\n" });
      await git(folder, "status").catch(() => undefined);
      expect(await trap.isSprung()).toBe(true);
    }
  });
});

/** Renames an entry of the index behind git's back, which takes no such path itself. */
async function renameInIndex(folder: string, from: string, to: string): Promise<void> {
  expect(to).toHaveLength(from.length);
  const path = join(folder, ".git/index");
  const bytes = Buffer.from((await readFile(path)).toString("latin1").replace(from, to), "latin1");
  const hash = new Bun.CryptoHasher("sha1").update(bytes.subarray(0, -20)).digest();
  await writeFile(path, Buffer.concat([bytes.subarray(0, -20), hash]));
}

describe("a repository's index", () => {
  test("brings nothing in that is behind a link", async () => {
    const outside = await aFolder({ id: "s3cret" });
    const folder = await aRepository({ "keys/id": "x", "b.txt": "b" });
    await Bun.$`rm -r ${join(folder, "keys")}`;
    await symlink(outside, join(folder, "keys"));
    // The control: git itself names the file that is behind the link
    expect(await git(folder, "ls-files")).toContain("keys/id");
    const taken = await takeIn(folder);
    expect(taken.get("keys/id")).toBeUndefined();
    expect(taken.get("keys")?.kind ?? "symlink").toBe("symlink");
    expect([...taken.values()].map((entry) => entry.text).join("")).not.toContain("s3cret");
  });

  test.each([
    ["above the workspace", "aaaaaaaa/id", "../secret/id"],
    ["in git's own folder", "aaaa/config", ".git/config"],
    ["in git's own folder, in capitals", "aaaa/config", ".GIT/config"],
  ])("brings nothing in that is %s", async (_name, from, to) => {
    const parent = await aFolder({ "secret/id": "s3cret" });
    const folder = join(parent, "p");
    const before = from.padEnd(to.length, "x");
    await putFiles(folder, { [before]: "x", "zz.txt": "z" });
    await git(folder, "init", "--quiet");
    await git(folder, "add", "--all");
    await git(folder, "config", "http.extraheader", "s3cret");
    await renameInIndex(folder, before, to);
    expect(await git(folder, "ls-files")).toContain(to);
    const taken = await takeIn(folder);
    expect(taken.get("zz.txt")?.text).toBe("z");
    expect([...taken.keys()].filter((path) => /\.\.|^\.GIT/.test(path))).toEqual([]);
    expect(
      [...taken.values()].filter((entry) => entry.text.includes("s3cret") && entry.path !== ".git/index"),
    ).toEqual([]);
    expect([...taken.values()].map((entry) => entry.text).join("")).not.toContain("s3cret");
  });
});
