import { describe, expect, test } from "bun:test";
import { chmod, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { readNamedFiles } from "../../../src/host/named-files.ts";
import { failureOf } from "../../support/failure.ts";
import { aFolder, putFiles } from "../../support/temporary.ts";

const place = "claude-bottle.json:3:5";
const token = `ghp_${"a1B2".repeat(9)}`;

function read(home: string, files: Readonly<Record<string, string>>, claudeFolder = `${home}/.claude`) {
  const requests = Object.entries(files).map(([target, from]) => ({ target, from, place }));
  return readNamedFiles(requests, { home, claudeFolder });
}
const refuse = (home: string, files: Readonly<Record<string, string>>, claudeFolder?: string) =>
  failureOf(read(home, files, claudeFolder));
const listOf = (
  entries: readonly { readonly path: string; readonly kind: string; readonly mode: number }[],
) => entries.map(({ path, kind, mode }) => `${path} ${kind} ${mode.toString(8)}`);

describe("readNamedFiles()", () => {
  test("takes a file with the folders above it, and reads it when it is copied", async () => {
    const home = await aFolder({ "dot/inputrc": "set x\n" });
    const [one] = await read(home, { "~/.config/a/inputrc": "~/dot/inputrc" });
    expect(one).toMatchObject({ path: `${home}/dot/inputrc`, files: 1, bytes: 6, leftOut: [] });
    expect(listOf(one?.entries ?? [])).toEqual([
      ".config directory 755",
      ".config/a directory 755",
      ".config/a/inputrc file 644",
    ]);
    expect(Buffer.from((await one?.entries.at(-1)?.read?.()) ?? "").toString()).toBe("set x\n");
  });

  test("takes a folder with links that stay inside, and leaves out and names what leads out", async () => {
    const home = await aFolder({ "t/a": "1", "t/bin/run": "2", "t/.git/config": "x", secret: "s3cret" });
    await chmod(join(home, "t/bin/run"), 0o700);
    await symlink("bin/run", join(home, "t/inside"));
    await symlink("../a", join(home, "t/bin/up"));
    await symlink("../secret", join(home, "t/out"));
    await symlink(`${home}/t/a`, join(home, "t/absolute"));
    await symlink("/etc", join(home, "t/bin/etc"));
    await Bun.$`mkfifo ${home}/t/pipe`;
    const [one] = await read(home, { "~/.config/t/": "~/t/" });
    expect(listOf(one?.entries ?? []).toSorted()).toEqual([
      ".config directory 755",
      ".config/t directory 755",
      ".config/t/a file 644",
      ".config/t/bin directory 755",
      ".config/t/bin/run file 755",
      ".config/t/bin/up symlink 777",
      ".config/t/inside symlink 777",
    ]);
    expect(one?.leftOut).toEqual(["absolute", "bin/etc", "out", "pipe"]);
    expect(one).toMatchObject({ files: 4, bytes: 2 });
  });

  test("follows a named place that is a link, as in a folder of dotfiles, and says where it leads", async () => {
    const dotfiles = await aFolder({ inputrc: "1", "tool/a": "2" });
    const home = await aFolder();
    await symlink(join(dotfiles, "inputrc"), join(home, ".inputrc"));
    await symlink(join(dotfiles, "tool"), join(home, ".tool"));
    const read1 = await read(home, { "~/.inputrc": "~/.inputrc", "~/.tool/": "~/.tool/" });
    expect(read1.map((one) => one.path)).toEqual([join(dotfiles, "inputrc"), join(dotfiles, "tool")]);
  });

  test("has a digest of names, modes, links and contents", async () => {
    const home = await aFolder({ "t/a": "1", b: "1" });
    const digests = async () =>
      (await read(home, { "~/t/": "~/t/", "~/b": "~/b" })).map((one) => one.digest).join();
    const seen = new Set([await digests()]);
    await putFiles(home, { "t/a": "2" });
    seen.add(await digests());
    await putFiles(home, { b: "2" });
    seen.add(await digests());
    await chmod(join(home, "b"), 0o700);
    seen.add(await digests());
    await symlink("a", join(home, "t/l"));
    seen.add(await digests());
    await rm(join(home, "t/l"));
    await symlink("./a", join(home, "t/l"));
    seen.add(await digests());
    expect(seen.size).toBe(6);
  });

  test("gives no other content than the one that was shown", async () => {
    const home = await aFolder({ a: "good", "t/b": "good" });
    const [file, folder] = await read(home, { "~/a": "~/a", "~/t/": "~/t/" });
    await putFiles(home, { a: "evil", "t/b": "evil" });
    const late = await failureOf(Promise.resolve(file?.entries[0]?.read?.()));
    expect(late.message).toBe('Cannot copy "~/a": it changed after it was shown');
    const inside = await failureOf(Promise.resolve(folder?.entries.at(-1)?.read?.()));
    expect(inside.message).toBe('Cannot copy "~/t/": "b" changed after it was shown');
  });

  test("says what is not there and what is something else, with the place in the manifest", async () => {
    const home = await aFolder({ file: "", "folder/a": "" });
    await symlink("nowhere", join(home, "dangling"));
    await Bun.$`mkfifo ${home}/pipe`;
    const cases: [string, string][] = [
      ["~/none", "it is not there"],
      ["~/dangling", "it is not there"],
      ["~/folder", 'it is a folder; end both sides with "/"'],
      ["~/file/", "it is not a folder"],
      ["~/pipe", "it is not a plain file"],
    ];
    for (const [from, state] of cases) {
      const error = await refuse(home, { [from]: from });
      expect([error.code, error.message]).toEqual([
        "input",
        `Cannot copy "${from}" into the bottle: ${state}`,
      ]);
      expect(error.details).toEqual([`${place}  files["${from}"]`]);
      expect(error.hint).toBe('Change or remove this entry of "files" in the manifest.');
    }
  });

  test("has a limit of files for all entries together", async () => {
    const home = await aFolder();
    await Bun.$`mkdir s t && cd s && seq 1500 | xargs touch && cd ../t && seq 500 | xargs touch`.cwd(home);
    const both = { "~/s/": "~/s/", "~/t/": "~/t/" };
    expect((await read(home, both)).map((one) => one.files)).toEqual([1500, 500]);
    await Bun.$`touch t/501`.cwd(home);
    expect((await refuse(home, both)).message).toBe(
      'Cannot copy "~/t/" into the bottle: all files of the bottle are more than 2000',
    );
  }, 60_000);

  test("has a limit of bytes for all entries together", async () => {
    const home = await aFolder();
    await Bun.$`truncate -s 40M a && truncate -s 40M b && truncate -s 65M c`.cwd(home);
    expect((await refuse(home, { "~/a": "~/a", "~/b": "~/b" })).message).toBe(
      'Cannot copy "~/b" into the bottle: all files of the bottle are more than 64.0 MiB',
    );
    expect((await refuse(home, { "~/c": "~/c" })).message).toBe(
      'Cannot copy "~/c" into the bottle: it is larger than 64.0 MiB',
    );
  });

  test("shows hostile names as text", async () => {
    const home = await aFolder({ "t/\u001b[2J.key": "-----BEGIN PRIVATE KEY-----" });
    const error = await refuse(home, { "~/t/": "~/t/" });
    expect(error.message).toBe('Cannot copy "~/t/" into the bottle: "\\x1b[2J.key" in it holds a credential');
    const bytes = await aFolder({ "t/a": "" });
    await Bun.$`touch ${Buffer.from("t/x").toString()}`.cwd(bytes);
    await Bun.$`sh -c 'touch "$(printf "t/\\377")"'`.cwd(bytes);
    expect((await refuse(bytes, { "~/t/": "~/t/" })).message).toContain("has a name that is no text");
  });
});

describe("a credential", () => {
  const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n";

  test.each([
    ["a private key by any name", "notes.txt", key],
    ["a token of a known form", ".toolrc", `x = ${token}\n`],
    ["a login in an address", ".toolrc", "proxy = http://me:s3cret@proxy.example:8080\n"],
    ["a token of npm", ".npmrc", `//npm.example.com/:_authToken=npm_${"x".repeat(36)}\n`],
    ["an export of the shell", ".bashrc", "export MY_API_KEY=abcdef123\n"],
    ["a name that says enough", ".env", "A=1\n"],
    ["a login of PostgreSQL", "sub/.pgpass", "h:5432:d:u:p\n"],
  ])("is refused as a file and in a folder: %s", async (_what, name, text) => {
    const home = await aFolder({ [`t/${name}`]: text, "t/ok": "" });
    const file = await refuse(home, { "~/ok": `~/t/${name}` });
    expect(file.message).toBe(`Cannot copy "~/t/${name}" into the bottle: it holds a credential`);
    expect(file.hint).toContain('Remove it from "files"; bind the secret to its hosts');
    expect(file.message + file.hint + file.details.join()).not.toContain(text.trim());
    const folder = await refuse(home, { "~/t/": "~/t/" });
    expect(folder.message).toBe(`Cannot copy "~/t/" into the bottle: "${name}" in it holds a credential`);
    expect(folder.hint).toStartWith('Name the folder\'s other files one by one under "files"; ');
    expect(folder.details).toEqual([`${place}  files["~/t/"]`]);
  });

  test.each([
    [".npmrc", "//npm.example.com/:_authToken=${NPM_TOKEN}\nsave-exact=true\n"],
    [".bashrc", "# export TOKEN=abcdefgh\nalias ll='ls -l'\nexport EDITOR=vim\n"],
    ["id_ed25519.pub", "ssh-ed25519 AAAA me\n"],
    [".env", ""],
  ])("is not what %s holds as %j", async (name, text) => {
    const home = await aFolder({ [`t/${name}`]: text });
    expect(await read(home, { "~/t/": "~/t/", "~/ok": `~/t/${name}` })).toHaveLength(2);
  });

  test("is known by its place below the home folder, also through a link and in a folder above it", async () => {
    const home = await aFolder({
      ".ssh/config": "Host x\n",
      ".config/gh/hosts.yml": "x: y\n",
      ".docker/config.json": "{}",
    });
    await symlink(".ssh/config", join(home, "innocent"));
    await symlink(".docker", join(home, "whale"));
    expect((await refuse(home, { "~/innocent": "~/innocent" })).hint).toContain(
      'list the identity under "ssh"',
    );
    expect((await refuse(home, { "~/w/": "~/whale/" })).message).toContain(
      '"config.json" in it holds a credential',
    );
    expect((await refuse(home, { "~/c/": "~/.config/" })).message).toContain(
      '"gh/hosts.yml" in it holds a credential',
    );
  });

  test("is whatever Claude keeps, wherever CLAUDE_CONFIG_DIR is", async () => {
    const home = await aFolder({ "cc/settings.json": "{}", "cc2/x": "" });
    const error = await refuse(home, { "~/x": "~/cc/settings.json" }, `${home}/cc`);
    expect(error.hint).toContain('"skills", "claude", "settings" and "mcp"');
    expect(await read(home, { "~/x": "~/cc2/x" }, `${home}/cc`)).toHaveLength(1);
  });
});
