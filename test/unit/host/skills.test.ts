import { describe, expect, test } from "bun:test";
import { chmod, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { readSkill } from "../../../src/host/skills.ts";
import { failureOf } from "../../support/failure.ts";
import { aFolder, aRepository, git, putFiles } from "../../support/temporary.ts";

const hint = "Keep the skill's files in its folder, as plain files.";

describe("readSkill()", () => {
  test("lists folders and files with their modes, and reads them later", async () => {
    const folder = await aFolder({ "s/SKILL.md": "# S\n", "s/bin/run.sh": "#!/bin/sh\n" });
    await chmod(join(folder, "s/bin/run.sh"), 0o700);
    const skill = await readSkill("s", folder);
    expect(skill).toMatchObject({ name: "s", directory: join(folder, "s"), bytes: 14 });
    const listed = skill.files.map((file) => `${file.path} ${file.kind} ${file.mode.toString(8)}`);
    expect(listed.toSorted()).toEqual(["SKILL.md file 644", "bin directory 755", "bin/run.sh file 755"]);
    const file = skill.files.find((one) => one.path === "SKILL.md");
    expect(Buffer.from((await file?.read?.()) ?? "").toString()).toBe("# S\n");
  });

  test("may itself be a link, as in a folder of dotfiles", async () => {
    const dotfiles = await aFolder({ "s/SKILL.md": "# S\n" });
    const folder = await aFolder();
    await symlink(join(dotfiles, "s"), join(folder, "s"));
    const [file] = (await readSkill("s", folder)).files;
    expect(Buffer.from((await file?.read?.()) ?? "").toString()).toBe("# S\n");
  });

  test("refuses a link inside, to a file or to a folder", async () => {
    for (const target of ["/etc/passwd", "/etc"]) {
      const folder = await aFolder({ "s/SKILL.md": "" });
      await symlink(target, join(folder, "s/ref"));
      const error = await failureOf(readSkill("s", folder));
      expect(error.code).toBe("input");
      expect(error.message).toBe(
        'Cannot use skill "s": "ref" is a link or a special file, and only plain files are copied',
      );
      expect(error.hint).toBe(hint);
    }
  });

  test("refuses too many files, and too many bytes", async () => {
    const many = await aFolder();
    await Bun.$`mkdir s && cd s && seq 2001 | xargs touch`.cwd(many);
    expect((await failureOf(readSkill("s", many))).message).toBe(
      'Cannot use skill "s": it has more than 2000 files',
    );
    await Bun.$`rm s/2001`.cwd(many);
    expect((await readSkill("s", many)).files).toHaveLength(2000);
    const large = await aFolder({ "s/a": "" });
    await Bun.$`truncate -s 64M s/a`.cwd(large);
    expect((await readSkill("s", large)).bytes).toBe(64 * 1024 * 1024);
    await Bun.$`truncate -s 65M s/a`.cwd(large);
    const error = await failureOf(readSkill("s", large));
    expect(error.message).toBe('Cannot use skill "s": it is larger than 64.0 MiB');
    expect(error.hint).toBe(hint);
  });

  test.each([
    [".git", "folder"],
    [".git", "file"],
    [".git", "link"],
    ["sub/.git", "folder"],
    ["a/b/.GIT", "link"],
    [".hg", "folder"],
    [".svn", "folder"],
    [".jj", "folder"],
    ["_darcs", "folder"],
    [".DS_Store", "file"],
    ["bin/__pycache__", "folder"],
  ])("leaves %s out, be it as a %s, and tells the same of the skill as without", async (path, kind) => {
    const files = { "s/SKILL.md": "# S\n", "s/sub/x": "", "s/a/b/c": "", "s/bin/d.py": "" };
    const folder = await aFolder(files);
    const without = await readSkill("s", folder);
    const place = join(folder, "s", path);
    if (kind === "link") await symlink("/etc", place);
    else if (kind === "file") await Bun.$`truncate -s 65M ${place}`;
    else {
      await Bun.$`mkdir ${place} && cd ${place} && ln -s /etc link && mkfifo fifo && truncate -s 65M a`;
    }
    const { files: listed, bytes, digest } = await readSkill("s", folder);
    expect(listed.map((file) => file.path)).toEqual(without.files.map((file) => file.path));
    expect([bytes, digest]).toEqual([without.bytes, without.digest]);
    // The control: any other file makes it another skill
    await putFiles(folder, { "s/other": "x" });
    expect((await readSkill("s", folder)).digest).not.toBe(digest);
  });

  test("is the same after a fetch, if it is a clone, and its remote stays out", async () => {
    const origin = await aRepository({ "SKILL.md": "# S\n" });
    const folder = await aFolder();
    await git(folder, "clone", "--quiet", origin, "s");
    const before = await readSkill("s", folder);
    await git(origin, "commit", "--quiet", "--allow-empty", "-m", "2");
    await git(join(folder, "s"), "fetch", "--quiet");
    await git(join(folder, "s"), "remote", "set-url", "origin", "https://u:t0ken@git.example/x");
    const after = await readSkill("s", folder);
    expect(after.digest).toBe(before.digest);
    expect(after.files.map((file) => file.path)).toEqual(["SKILL.md"]);
  });

  test("names its files that look like credentials", async () => {
    const folder = await aFolder({ "s/SKILL.md": "", "s/.env": "A=1", "s/.git/id_rsa": "1" });
    expect((await readSkill("s", folder)).credentials).toEqual([".env"]);
  });

  test("takes what only looks like version control", async () => {
    const names = [".gitignore", ".gitattributes", ".github/a.yml", "a.git", "git/x", ".gitx"];
    const folder = await aFolder(Object.fromEntries(names.map((name) => [`s/${name}`, "1"])));
    const { files } = await readSkill("s", folder);
    const listed = files.filter((file) => file.kind === "file").map((file) => file.path);
    expect(listed.toSorted()).toEqual(names.toSorted());
  });

  test("says where it looked for one that is not there", async () => {
    const folder = await aFolder({ file: "" });
    const error = await failureOf(readSkill("s", folder));
    expect(error.code).toBe("input");
    expect(error.message).toBe(`Cannot find skill "s": there is no folder "${folder}/s"`);
    expect(error.hint).toBe("Create the skill there, or remove it from the agent's skills in the manifest.");
    expect((await failureOf(readSkill("file", folder))).code).toBe("input");
  });
});

describe("a skill's file that is swapped after it was listed", () => {
  const swaps: [string, (folder: string, secret: string) => Promise<void>][] = [
    [
      "for a link",
      async (folder, secret) => {
        await rm(join(folder, "s/dir/a"));
        await symlink(join(secret, "a"), join(folder, "s/dir/a"));
      },
    ],
    [
      "with its folder for a link",
      async (folder, secret) => {
        await rename(join(folder, "s/dir"), join(folder, "s/gone"));
        await symlink(secret, join(folder, "s/dir"));
      },
    ],
    ["for a FIFO", async (folder) => void (await Bun.$`rm s/dir/a && mkfifo s/dir/a`.cwd(folder))],
    ["for nothing", (folder) => rm(join(folder, "s/dir/a"))],
  ];

  test.each(swaps)("%s is an error and not another file's content", async (_name, swap) => {
    const secret = await aFolder({ a: "s3cret" });
    const folder = await aFolder();
    await putFiles(folder, { "s/dir/a": "mine" });
    const file = (await readSkill("s", folder)).files.find((one) => one.path === "dir/a");
    await swap(folder, secret);
    const error = await failureOf(file?.read?.() ?? Promise.resolve());
    expect(error.code).toBe("file");
    expect(error.message).toStartWith(`Cannot copy "${folder}/s/dir/a": it changed after it was listed (`);
    expect(error.hint).toBe("Start again once nothing changes the files.");
  });

  test("has a digest of names, modes and contents, whatever the order and the place", async () => {
    const one = await aFolder({ "s/a": "1", "s/b/c": "2" });
    const other = await aFolder({ "s/b/c": "2", "s/a": "1" });
    const digest = async (folder: string) => (await readSkill("s", folder)).digest;
    const first = await digest(one);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await digest(other)).toBe(first);
    await putFiles(other, { "s/a": "3" });
    expect(await digest(other)).not.toBe(first);
    await putFiles(other, { "s/a": "1" });
    await chmod(join(other, "s/a"), 0o700);
    expect(await digest(other)).not.toBe(first);
    await putFiles(one, { "s/d": "" });
    expect(await digest(one)).not.toBe(first);
  });

  test("gives no other content than the one that was shown", async () => {
    const folder = await aFolder({ "s/SKILL.md": "good" });
    const [file] = (await readSkill("s", folder)).files;
    await putFiles(folder, { "s/SKILL.md": "evil" });
    const error = await failureOf(Promise.resolve(file?.read?.()));
    expect(error.message).toBe('Cannot copy skill "s": "SKILL.md" changed after it was shown');
  });
});
