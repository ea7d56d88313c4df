import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { gitEnvironment, hasRepository, runGit } from "../../../src/host/git.ts";
import { aFolder, anEnvironment, aRepository, git, putFiles } from "../../support/temporary.ts";

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

describe("the environment of a git of ours", () => {
  test("has the user's own settings, and nothing that leads git elsewhere or has it run something", () => {
    const users = {
      PATH: "/bin",
      HOME: "/home/u",
      XDG_CONFIG_HOME: "/home/u/.c",
      GIT_CONFIG_GLOBAL: "/home/u/g",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
    };
    const others = {
      GIT_DIR: "/elsewhere",
      GIT_WORK_TREE: "/elsewhere",
      GIT_OBJECT_DIRECTORY: "/elsewhere",
      GIT_ALTERNATE_OBJECT_DIRECTORIES: "/elsewhere",
      GIT_EXTERNAL_DIFF: "/bin/x",
      GIT_SSH_COMMAND: "/bin/x",
      GIT_EXEC_PATH: "/elsewhere",
      GIT_CONFIG_PARAMETERS: "'a.b'='c'",
      LD_PRELOAD: "/x.so",
      TOKEN: "secret",
    };
    const given = gitEnvironment({ ...users, ...others, XDG_NOTHING: undefined, GIT_ASKPASS: "/bin/x" });
    expect(given).toMatchObject({ ...users, GIT_ASKPASS: "", GIT_ALLOW_PROTOCOL: "none" });
    expect(Object.keys(given).filter((name) => name in others)).toEqual([]);
    expect(gitEnvironment({ HOME: undefined })).not.toHaveProperty("HOME");
  });

  test("so what the user ignores everywhere is ignored", async () => {
    const home = await aFolder({ ".config/git/ignore": "*.log\n" });
    const folder = await aRepository();
    await putFiles(folder, { "x.log": "", "y.txt": "" });
    const env = { PATH: process.env["PATH"], HOME: home };
    const words = ["ls-files", "--others", "--exclude-standard"];
    expect(await runGit(folder, words, env)).toBe("y.txt\n");
    expect(await runGit(folder, words, await anEnvironment())).toBe("x.log\ny.txt\n");
  });
});
