import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { chmod, link, lstat, mkdir, readdir, readFile, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toBytes } from "../../src/archive/byte-names.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { generateArchive } from "../support/archive-generator.ts";
import { beginCopyBottle } from "../support/copy-bottle.ts";
import type { CopyBottle } from "../support/copy-bottle.ts";
import { describeTree } from "../support/describe-tree.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { makeHostileTar, renderRaw } from "../support/hostile-tar.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureLyingNode } from "../support/lying-node.ts";
import { exists, makeCommand, makeSessionWorld, runCommand } from "../support/scripted-session.ts";
import type { CommandResult, SessionWorld } from "../support/scripted-session.ts";

setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureLyingNode(engine);
const runtimes = typeof found === "string" ? [] : await listRuntimes(engine);

describe.each(runtimes)("cp with a bottle under %s", (runtime) => {
  let run: TestRun;
  let one: CopyBottle;
  let world: SessionWorld;
  let bottle: string;
  const inHome = (name: string) => join(world.home, name);
  const here = (name: string) => join(world.workspace, name);
  const cp = (...words: string[]) => one.cp(...words);
  const inside = (script: string) => one.inside(script);

  beforeAll(async () => {
    run = beginTestRun(engine);
    world = await makeSessionWorld(run, image ?? "", runtime);
    one = await beginCopyBottle(world);
    bottle = one.name;
  });
  afterAll(async () => {
    await runCommand(world, ["stop", "--all"]);
    await run.end();
    await world.remove();
  });

  const silent: CommandResult = { stdout: "", stderr: "", exitCode: 0 };

  test("brings a folder back as it went in, the agent's inside and the user's outside", async () => {
    await makeTree(inHome("tree"));
    expect(await cp(inHome("tree"), `${bottle}:.`)).toEqual(silent);
    expect(await inside("find tree ! -user $(id -u) -o ! -group 1000")).toBe("");
    expect(await inside("stat -c %a tree/setuid tree/private; readlink tree/d/up")).toBe("755\n600\n../a\n");
    expect(await cp(`${bottle}:tree`, "back")).toEqual(silent);
    const sent = await describeTree(inHome("tree"));
    const setuid = sent["/setuid"]?.replace("104755", "100755") ?? "";
    expect(await describeTree(here("back"))).toEqual({ ...sent, "/setuid": setuid });
    expect((await lstat(here("back/a"))).uid).toBe(process.getuid?.() ?? 0);
    // A second time it goes into what is there now
    expect(await cp(`${bottle}:tree/.`, "back")).toEqual(silent);
    expect(await cp(`${bottle}:tree`, "back")).toEqual(silent);
    expect(await readFile(here("back/tree/a"), "utf8")).toBe("one\n");
  });

  test("carries 2,000 files and one of 200 MB whole, both ways", async () => {
    const folder = inHome("many");
    for (let count = 0; count < 2_000; count += 1) {
      const place = join(folder, `d${count % 40}`);
      if (count < 40) await mkdir(place, { recursive: true });
      await writeFile(join(place, `f${count}`), `${count}\n`.repeat(count % 500));
    }
    expect(await cp(folder, `${bottle}:/tmp`)).toEqual(silent);
    expect(await cp(`${bottle}:/tmp/many`, ".")).toEqual(silent);
    expect(await describeTree(here("many"))).toEqual(await describeTree(folder));

    await Bun.$`head -c ${200_000_000} /dev/urandom >${inHome("big")}`;
    expect(await cp(inHome("big"), `${bottle}:large`)).toEqual(silent);
    const hash = await hashOf(inHome("big"));
    expect(await inside("sha256sum <large")).toStartWith(hash);
    expect(await cp(`${bottle}:large`, ".")).toEqual(silent);
    expect(await hashOf(here("large"))).toBe(hash);
    await inside("rm large");
  });

  test("takes a tar from stdin and gives one on stdout", async () => {
    await makeTree(inHome("piped"));
    const ours = makeCommand(world, ["cp"]);
    const shell = (script: string) =>
      Bun.$`sh -c ${script} sh ${ours} ${bottle}`
        .cwd(world.home)
        .env({ ...world.env })
        .quiet();
    // GNU tar keeps whole seconds in its own format
    await shell('tar -c --format=pax piped | "$1" "$2" "$3" - "$4:/tmp"');
    await mkdir(inHome("unpacked"));
    await shell('"$1" "$2" "$3" "$4:/tmp/piped" - | tar -xp -C unpacked');
    const sent = await describeTree(inHome("piped"));
    const setuid = sent["/setuid"]?.replace("104755", "100755") ?? "";
    expect(await describeTree(inHome("unpacked/piped"))).toEqual({ ...sent, "/setuid": setuid });
    const child = one.spawn("-", `${bottle}:/tmp`);
    child.stdin.write(
      makeHostileTar([{ name: "../up" }, { name: "/abs" }, { name: "fifo", type: "6" }, { name: "ok" }]),
    );
    await child.stdin.end();
    expect(await child.exited).toBe(1);
    const said = await new Response(child.stderr).text();
    expect(said).toContain('"../up": its name holds ".."');
    expect(said).toContain('"/abs": its name is an absolute path');
    expect(said).toContain('"fifo": it is a FIFO');
    expect(await inside("ls /tmp/ok; ls -d /up /abs 2>/dev/null || :")).toBe("/tmp/ok\n");
  });

  test("refuses what leads out or is nobody's file, by name, and takes the rest; nothing called .git comes", async () => {
    await inside(
      "mkdir -p odd/.git odd/d && cd odd && ln -s /etc/passwd abs && ln -s ../../.. d/up && mkfifo fifo && echo x >fine && " +
        "echo x >.git/config && ln -s fine link && printf x >'e\u001b[2J' && chmod 4755 fine && echo x >closed && chmod 0 closed",
    );
    const { stderr, exitCode } = await cp(`${bottle}:odd`, "odd");
    expect(exitCode).toBe(1);
    expect(stderr).toContain('"odd/abs": it is a link to "/etc/passwd"');
    expect(stderr).toContain('"odd/d/up": it is a link to "../../.."');
    expect(stderr).toContain('"odd/fifo": it is a FIFO');
    expect(stderr).toContain('"odd/closed": permission denied');
    expect(stderr).toContain("called .git left out");
    expect((await readdir(here("odd"))).toSorted()).toEqual(["d", "e\u001b[2J", "fine", "link"]);
    expect((await lstat(here("odd/fine"))).mode & 0o7777).toBe(0o755);
  });

  test("says what is wrong with a place, and copies nothing", async () => {
    expect((await cp(`${bottle}:none`, "x")).stderr).toContain(": there is no such file or folder");
    expect((await cp(inHome("claude-bottle.json"), `${bottle}:/none/x`)).stderr).toContain(
      "there is no folder for it",
    );
    expect((await cp(inHome("claude-bottle.json"), `${bottle}:/etc`)).stderr).toContain("permission denied");
    expect((await cp(inHome("none"), `${bottle}:.`)).stderr).toContain("there is no such file or folder");
    expect((await cp("nobody:x", ".")).stderr).toContain('Cannot find bottle "nobody"');
    expect((await cp(`${bottle}:/etc/shadow`, "shadow")).exitCode).toBe(1);
    expect(await exists(here("shadow"))).toBe(false);
  });

  test("is led nowhere by a bottle in which something else answers", async () => {
    const outside = inHome("outside");
    await mkdir(outside);
    await writeFile(join(outside, "secret"), "keep");
    const before = await describeTree(world.home);
    const archives = [4, 9, 17, 25].map((seed) => generateArchive(seed, outside).bytes);
    archives.push(
      makeHostileTar([
        { name: "r/", type: "5" },
        { name: "r/l", type: "2", linkTarget: outside },
        { name: "r/l/secret", content: "hostile" },
        { name: "r/h", type: "1", linkTarget: join(outside, "secret") },
        { name: "r/fine", content: "fine" },
      ]),
      Buffer.from("no tar at all\n".repeat(100)),
      renderRaw({ name: "r", content: "x".repeat(9_000) }).subarray(0, 3_000),
    );
    for (const [index, bytes] of archives.entries()) {
      await writeFile(here("lie.tar"), bytes);
      expect((await cp("lie.tar", `${bottle}:/tmp/lie.tar`)).exitCode).toBe(0);
      const { exitCode } = await cp(`${bottle}:x`, `lied-${index}`);
      await runCommand(world, ["exec", bottle, "--", "rm", "/tmp/lie.tar"]);
      expect(exitCode).toBe(1);
    }
    // The control: what is in order in such an archive does come
    expect(await readdir(here("lied-4"))).toEqual(["fine"]);
    const after = await describeTree(world.home);
    const ours = (name: string) => name.startsWith("/.") || name === "";
    expect(Object.entries(after).filter(([name]) => !ours(name))).toEqual(
      Object.entries(before).filter(([name]) => !ours(name)),
    );
  });
});

/** Names and kinds of all sorts. */
async function makeTree(folder: string): Promise<void> {
  await mkdir(join(folder, "d/empty"), { recursive: true });
  await writeFile(join(folder, "a"), "one\n");
  await writeFile(join(folder, "d/b"), "two\n".repeat(100_000), { mode: 0o755 });
  await writeFile(join(folder, "setuid"), "three\n");
  await chmod(join(folder, "setuid"), 0o4755);
  await writeFile(join(folder, "private"), "four\n", { mode: 0o600 });
  await writeFile(join(folder, "n".repeat(255)), "five\n");
  await writeFile(Buffer.concat([Buffer.from(folder), toBytes("/no-utf8-\xff")]), "six\n");
  await writeFile(join(folder, "e\u001b[31m\nline"), "seven\n");
  await symlink("../a", join(folder, "d/up"));
  await symlink("none", join(folder, "dangling"));
  await link(join(folder, "a"), join(folder, "hard"));
  await utimes(join(folder, "d/b"), 1_000, 1_234_567_890.5);
  await utimes(join(folder, "d/empty"), 1_000, 1_000_000_000);
  await utimes(join(folder, "d"), 1_000, 1_000_000_001);
  await utimes(folder, 1_000, 1_000_000_002);
}

async function hashOf(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
