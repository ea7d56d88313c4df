import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { git } from "../support/git.ts";
import { startHeld } from "../support/held-session.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { findRecord, fingerprint, listLeft, runSession } from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";
import { asAgent, makeWorkWorld, readBroughtRefs } from "../support/work-session.ts";

setDefaultTimeout(60_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = image === undefined ? (["runc"] as const) : await listRuntimes(engine);

describe.skipIf(image === undefined).each([...runtimes])("work of an agent under %s", (runtime) => {
  let run: TestRun;
  let world: SessionWorld;

  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());
  afterEach(async () => {
    expect(await listLeft(engine, run)).toEqual([]);
    await world.remove();
  });

  async function begin(files: Readonly<Record<string, string>>, isRepository: boolean): Promise<void> {
    world = await makeWorkWorld(run, image ?? "", runtime, files, isRepository);
  }

  test("comes back: commits, branches, uncommitted changes, binary files, renames, modes, stashes, a detached head", async () => {
    await begin(
      { "a.txt": "a\n", "old.txt": "one\ntwo\nthree\nfour\n", "run.sh": "#!/bin/sh\n", "gone.txt": "x" },
      true,
    );
    const before = await fingerprint(world.workspace);
    const script = `${asAgent}
      echo b >> a.txt; git commit -qam Second
      git checkout -qb side; printf '\\0\\1\\377' > data.bin; git add data.bin; git commit -qm Binary; git checkout -q main
      echo shelved >> a.txt; git stash -q
      git checkout -q --detach; echo loose > loose.txt; git add loose.txt; git commit -qm Loose
      git mv old.txt new.txt; chmod +x run.sh; rm gone.txt; ln -s a.txt link
      head -c 5000000 /dev/urandom > large.bin; sha256sum large.bin
      mkdir -p inner; git -C inner init -q; echo inner > inner/file.txt; printf 'caf\\303\\251' > "$(printf 'n\\303\\241me')"`;
    const result = await runSession(world, script);
    expect(result.stderr).toContain("Pulled:");
    expect(result.exitCode).toBe(0);
    expect(await fingerprint(world.workspace)).toEqual(before);
    const brought = await readBroughtRefs(world);
    expect(Object.keys(brought).toSorted()).toEqual([
      "detached",
      "heads/main",
      "heads/side",
      "stash/0",
      "uncommitted",
    ]);
    const read = (what: string) => git(world.workspace, "show", what);
    expect(await read(`${brought["heads/main"]}:a.txt`)).toBe("a\nb");
    expect(await read(`${brought["stash/0"]}:a.txt`)).toBe("a\nb\nshelved");
    const changes = await git(
      world.workspace,
      "diff",
      "-M",
      "--summary",
      "--no-color",
      brought["detached"] ?? "",
      brought["uncommitted"] ?? "",
    );
    expect(changes).toContain("rename old.txt => new.txt (100%)");
    expect(changes).toContain("mode change 100644 => 100755 run.sh");
    expect(changes).toContain("delete mode 100644 gone.txt");
    expect(changes).toContain("create mode 120000 link");
    expect(await read(`${brought["uncommitted"]}:inner/file.txt`)).toBe("inner");
    expect(await git(world.workspace, "cat-file", "-s", `${brought["uncommitted"]}:large.bin`)).toBe(
      "5000000",
    );
    expect(await git(world.workspace, "log", "-1", "--format=%an %s", brought["uncommitted"] ?? "")).toMatch(
      /^claude-bottle Uncommitted changes of bottle hello-[a-z0-9]{6}, session [a-z0-9]{6}$/,
    );
  });

  test("comes back when claude crashes, with its exit code", async () => {
    await begin({ "a.txt": "a\n" }, true);
    const result = await runSession(world, "echo late > late.txt; kill -SEGV $$");
    expect(result.exitCode).toBe(139);
    expect(
      await git(world.workspace, "show", `${(await readBroughtRefs(world))["uncommitted"]}:late.txt`),
    ).toBe("late");
  });

  test("comes back whole beside a file that git does not take, which comes as it lies there", async () => {
    await begin({ "a.txt": "a\n", ".gitattributes": "wide.txt working-tree-encoding=UTF-16LE-BOM\n" }, true);
    await runSession(world, "printf odd > wide.txt; echo b >> a.txt; mkdir d; echo c > d/c.txt");
    const commit = (await readBroughtRefs(world))["uncommitted"];
    const read = (path: string) => git(world.workspace, "cat-file", "blob", `${commit}:${path}`);
    expect([await read("wide.txt"), await read("a.txt"), await read("d/c.txt")]).toEqual([
      "odd",
      "a\nb",
      "c",
    ]);
  });

  test("is nothing where nothing was changed", async () => {
    await begin({ "a.txt": "a\n" }, true);
    const result = await runSession(world, "git status --short");
    expect(result.stdout).toBe("");
    expect(result.stderr).not.toContain("Pulled");
    expect(await readBroughtRefs(world)).toEqual({});
  });

  test("comes back although the user has thrown away the commit that went in", async () => {
    await begin({ "a.txt": "a\n" }, true);
    const held = await startHeld(world, asAgent, "echo b > b.txt; git add b.txt; git commit -qm B");
    await git(world.workspace, "commit", "--quiet", "--amend", "--message", "Amended");
    await git(world.workspace, "reflog", "expire", "--expire=now", "--all");
    await git(world.workspace, "gc", "--quiet", "--prune=now");
    expect((await held.letGo()).stderr).toContain("Pulled:");
    expect(await git(world.workspace, "show", `${(await readBroughtRefs(world))["heads/main"]}:b.txt`)).toBe(
      "b",
    );
  });

  test("comes back as a patch for a folder without a repository, and with commits that were made in it as a bundle", async () => {
    await begin({ "a.txt": "a\n", "sub/b.txt": "b\n" }, false);
    const before = await fingerprint(world.workspace);
    const result = await runSession(
      world,
      `echo more >> a.txt; rm sub/b.txt; printf '\\0\\1' > c.bin; git init -q -b main; ${asAgent} git add a.txt; git commit -qm Mine`,
    );
    expect(result.stderr).toContain("changes.patch");
    expect(await fingerprint(world.workspace)).toEqual(before);
    const record = await findRecord(world);
    expect((await stat(join(record, "changes.patch"))).mode & 0o777).toBe(0o600);
    expect(await git(record, "bundle", "list-heads", "commits.bundle")).toContain("refs/heads/main");
    await git(world.workspace, "apply", join(record, "changes.patch"));
    expect(await readFile(join(world.workspace, "a.txt"), "utf8")).toBe("a\nmore\n");
    expect([...(await readFile(join(world.workspace, "c.bin")))]).toEqual([0, 1]);
  });

  test("comes back as a patch for a repository without commits", async () => {
    await begin({ "a.txt": "a\n" }, false);
    await git(world.workspace, "init", "--quiet");
    const before = await fingerprint(world.workspace);
    const result = await runSession(world, "echo more >> a.txt");
    expect(result.stderr).toContain("changes.patch");
    expect(await fingerprint(world.workspace)).toEqual(before);
    expect(await readFile(join(await findRecord(world), "changes.patch"), "utf8")).toContain("+more");
  });

  test("of a hundred megabytes in one file comes back whole", async () => {
    await begin({ "a.txt": "a\n" }, true);
    const result = await runSession(world, "head -c 104857600 /dev/urandom > large.bin; sha256sum large.bin");
    const sum = result.stdout.split(" ")[0] ?? "";
    const { uncommitted = "" } = await readBroughtRefs(world);
    const blob = Bun.spawn(["git", "cat-file", "blob", `${uncommitted}:large.bin`], {
      cwd: world.workspace,
      stdout: "pipe",
    });
    const hash = new Bun.CryptoHasher("sha256");
    for await (const chunk of blob.stdout) hash.update(chunk);
    expect(hash.digest("hex")).toBe(sum);
  });
});
