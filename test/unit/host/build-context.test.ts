import { describe, expect, test } from "bun:test";
import { chmod, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { readBuildContext } from "../../../src/host/build-context.ts";
import { listContext } from "../../../src/host/context-listing.ts";
import { parseIgnoreRules } from "../../../src/host/ignore-rules.ts";
import { failureOf } from "../../support/failure.ts";
import { aFolder } from "../../support/temporary.ts";

const own = { home: "/home/nobody", state: "/home/nobody/.local/state/claude-bottle" };

function read(folder: string, { dockerfile = join(folder, "Dockerfile"), folders = own } = {}) {
  return readBuildContext({ folder, dockerfile }, folders);
}

const pathsOf = async (folder: string, dockerfile?: string) =>
  (await read(folder, dockerfile === undefined ? {} : { dockerfile })).entries.map((entry) => entry.path);

const digestOf = async (folder: string) => (await read(folder)).digest;

describe("readBuildContext()", () => {
  test("lists folders, files and links with their modes, and reads the contents when they are sent", async () => {
    const folder = await aFolder({ "b/run.sh": "#!/bin/sh\n", "b.txt": "text", "a/x": "" });
    await chmod(join(folder, "b/run.sh"), 0o750);
    await symlink("b/run.sh", join(folder, "run"));
    await symlink("../b.txt", join(folder, "a/up"));
    const context = await read(folder);
    expect(context).toMatchObject({ directory: folder, count: 5, bytes: 14, isHome: false });
    expect(context.entries.map((one) => `${one.path} ${one.kind} ${one.linkTarget ?? ""}`.trim())).toEqual([
      "a directory",
      "a/up symlink ../b.txt",
      "a/x file",
      "b directory",
      "b.txt file",
      "b/run.sh file",
      "run symlink b/run.sh",
    ]);
    const run = context.entries.find((one) => one.path === "b/run.sh");
    expect(run?.mode).toBe(0o750);
    expect(Buffer.from((await run?.read?.()) ?? "").toString()).toBe("#!/bin/sh\n");
  });

  test("leaves out what the ignore file names, and looks no further there", async () => {
    const folder = await aFolder({
      ".dockerignore": "secret\nnode_modules\n!node_modules/keep/me\n*.sock\n",
      secret: "",
      "node_modules/other/x": "",
      "node_modules/keep/me": "",
      "node_modules/keep/not": "",
      ".git/config": "",
      "src/.git": "gitdir: elsewhere",
      "src/a": "",
    });
    await symlink("/etc/passwd", join(folder, "node_modules/out"));
    expect(await pathsOf(folder)).toEqual([
      ".dockerignore",
      "node_modules",
      "node_modules/keep",
      "node_modules/keep/me",
      "src",
      "src/a",
    ]);
  });

  test("takes the Dockerfile's own ignore file in place of the folder's, wherever it is", async () => {
    const folder = await aFolder({
      ".dockerignore": "a\n",
      "D.dockerignore": "b\n*ignore\n",
      D: "",
      a: "",
      b: "",
    });
    expect(await pathsOf(folder, join(folder, "D"))).toEqual(["a"]);
    await writeFile(join(folder, "D.dockerignore"), "");
    expect(await pathsOf(folder, join(folder, "D"))).toEqual([".dockerignore", "D.dockerignore", "a", "b"]);
    const outside = await aFolder({ "D.dockerignore": "a\nD*\n.*\n", D: "" });
    expect(await pathsOf(folder, join(outside, "D"))).toEqual(["b"]);
  });

  test("knows where the Dockerfile is, which is sent apart, and whether it is ignored", async () => {
    const folder = await aFolder({ "docker/D": "x", ".dockerignore": "docker\n" });
    const dockerfile = join(folder, "docker/D");
    expect(await read(folder, { dockerfile })).toMatchObject({
      dockerfile: "docker/D",
      hidesDockerfile: true,
    });
    await writeFile(join(folder, ".dockerignore"), "other\n");
    const shown = await read(folder, { dockerfile });
    expect(shown).toMatchObject({ dockerfile: "docker/D", hidesDockerfile: false });
    expect(shown.entries.map((one) => one.path)).toEqual([".dockerignore", "docker"]);
    expect(await read(join(folder, "docker"), { dockerfile: join(folder, "D") })).toMatchObject({
      dockerfile: undefined,
      hidesDockerfile: false,
    });
  });

  test("has a digest of names, modes, targets and contents, whatever the place", async () => {
    const files = { "a/x": "1", b: "2" };
    const [one, other] = await Promise.all([aFolder(files), aFolder(files)]);
    const first = await digestOf(one);
    expect(await digestOf(other)).toBe(first);
    const changes: (() => Promise<unknown>)[] = [
      () => writeFile(join(one, "b"), "3"),
      () => chmod(join(one, "b"), 0o755),
      () => rename(join(one, "b"), join(one, "c")),
      () => mkdir(join(one, "d")),
      () => symlink("c", join(one, "e")),
      async () => {
        await rm(join(one, "e"));
        await symlink("a", join(one, "e"));
      },
    ];
    const seen = new Set([first]);
    for (const change of changes) {
      await change();
      seen.add(await digestOf(one));
    }
    expect(seen.size).toBe(changes.length + 1);
  });

  test("shows the folder that a link leads to, and refuses one above the home folder", async () => {
    const folder = await aFolder({ "home/u/ctx/a": "" });
    const home = join(folder, "home/u");
    await symlink(home, join(folder, "link"));
    const readAt = (path: string) =>
      read(path, { dockerfile: join(folder, "D"), folders: { home, state: join(home, "state") } });
    expect(await readAt(join(folder, "link/ctx"))).toMatchObject({
      directory: join(home, "ctx"),
      isHome: false,
    });
    expect(await readAt(join(folder, "link"))).toMatchObject({ directory: home, isHome: true });
    for (const above of [folder, join(folder, "home"), "/"]) {
      expect((await failureOf(readAt(above))).message).toBe(
        `Cannot use the build context "${above}": your home folder is in it`,
      );
    }
  });

  test("never takes what this program notes while it runs", async () => {
    const home = await aFolder({ "state/claude-bottle/approvals": "", a: "" });
    const folders = { home, state: join(home, "state/claude-bottle") };
    const { entries } = await read(home, { folders });
    expect(entries.map((one) => one.path)).toEqual(["a", "state"]);
  });

  test("says that a folder is not there", async () => {
    const folder = await aFolder({ file: "" });
    for (const path of [join(folder, "none"), join(folder, "file")]) {
      const error = await failureOf(read(path));
      expect(error.message).toBe(`Cannot use the build context "${path}": there is no such folder`);
      expect(error.hint).toContain("image.context");
    }
  });
});

describe("what cannot be sent", () => {
  test.each(["/etc/passwd", "../..", "../../x", "a/../../../x"])("a link out, to %j", async (target) => {
    const folder = await aFolder({ "sub/a/x": "" });
    await symlink(target, join(folder, "sub/out"));
    const error = await failureOf(read(folder));
    expect(error.message).toBe(
      `Cannot send "sub/out" of the build context "${folder}": it is a link to "${target}", outside of the folder`,
    );
    expect(error.hint).toContain(".dockerignore");
    await writeFile(join(folder, ".dockerignore"), "sub/out\n");
    // The control: without that link the folder is taken
    expect((await read(folder)).count).toBe(2);
  });

  test.each(["..", ".", "../x", "a/x", "a/../../x"])("not a link that stays inside: %j", async (target) => {
    const folder = await aFolder({ "sub/a/x": "" });
    await symlink(target, join(folder, "sub/in"));
    expect((await read(folder)).entries).toContainEqual(
      expect.objectContaining({ path: "sub/in", kind: "symlink", linkTarget: target }),
    );
  });

  test("a FIFO and a socket", async () => {
    const folder = await aFolder();
    await Bun.$`mkfifo pipe`.cwd(folder);
    expect((await failureOf(read(folder))).message).toContain('"pipe" of the build context');
    await rm(join(folder, "pipe"));
    const server = createServer().listen(join(folder, "s"));
    await new Promise((resolve) => server.once("listening", resolve));
    expect((await failureOf(read(folder))).message).toEndWith("it is a special file");
    await new Promise((resolve) => server.close(resolve));
  });

  test("a name that is not UTF-8", async () => {
    const folder = await aFolder();
    await writeFile(Buffer.concat([Buffer.from(`${folder}/a`), Buffer.from([0xff])]), "");
    expect((await failureOf(read(folder))).message).toEndWith("its name is not UTF-8");
  });

  test("too much, with what is largest", async () => {
    const folder = await aFolder({ "small/a": "1", "large/b": "" });
    await Bun.$`truncate -s 513M large/b`.cwd(folder);
    const error = await failureOf(read(folder));
    expect(error.message).toBe(`Cannot use the build context "${folder}": it has more than 512 MiB`);
    expect(error.details[0]).toBe("large/: 1 entry, 513 MiB so far");
    expect(error.hint).toContain(".dockerignore");
    await writeFile(join(folder, ".dockerignore"), "large\n");
    expect((await read(folder)).count).toBe(2);
  });

  test("too many files", async () => {
    const folder = await aFolder({ "many/a": "1", "many/b": "1", c: "" });
    const rules = parseIgnoreRules("", "");
    const limits = { entries: 3, bytes: 10 };
    const error = await failureOf(listContext(folder, rules, new Set(), limits));
    expect(error.message).toBe(
      `Cannot use the build context "${folder}": it has more than 3 files and folders`,
    );
    expect(error.details).toContainEqual(expect.stringMatching(/^many\/: [23] entries, [12] B so far$/));
    expect(await listContext(folder, rules, new Set(["c"]), limits)).toHaveLength(3);
  });
});

describe("a file that changes after it was shown", () => {
  const changes: [string, (folder: string) => Promise<unknown>][] = [
    ["in its content", (folder) => writeFile(join(folder, "a/x"), "2")],
    [
      "to a link",
      async (folder) => {
        await rm(join(folder, "a/x"));
        await symlink("../b", join(folder, "a/x"));
      },
    ],
    [
      "with its folder to a link",
      async (folder) => {
        await rename(join(folder, "a"), join(folder, "gone"));
        await symlink("gone", join(folder, "a"));
      },
    ],
    ["to nothing", (folder) => rm(join(folder, "a/x"))],
  ];

  test.each(changes)("%s is not sent", async (_name, change) => {
    const folder = await aFolder({ "a/x": "1", b: "1" });
    const entry = (await read(folder)).entries.find((one) => one.path === "a/x");
    await change(folder);
    const error = await failureOf(entry?.read?.() ?? Promise.resolve());
    expect(error.code).toBe("file");
    expect(error.message).toContain(join(folder, "a/x"));
  });
});
