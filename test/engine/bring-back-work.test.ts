import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import {
  findRecord,
  fingerprint,
  listLeft,
  makeSessionWorld,
  readReceipts,
  runCommand,
  runSession,
} from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";
import { git } from "../support/temporary.ts";

setDefaultTimeout(60_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = image === undefined ? (["runc"] as const) : await listRuntimes(engine);
const asAgent = "git config user.name Agent; git config user.email agent@example.invalid;";

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
    world = await makeSessionWorld(run, image ?? "", runtime);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(world.workspace, path, ".."), { recursive: true });
      await writeFile(join(world.workspace, path), text);
    }
    if (!isRepository) return;
    await git(world.workspace, "init", "--quiet");
    await git(world.workspace, "add", "--all");
    await git(world.workspace, "commit", "--quiet", "--message", "First");
  }

  async function refs(): Promise<Record<string, string>> {
    const [receipt] = await readReceipts(world);
    const stem = `refs/bottles/${receipt?.session}/`;
    const text = await git(
      world.workspace,
      "for-each-ref",
      "--format=%(refname) %(objectname)",
      "refs/bottles",
    );
    const lines = text.split("\n").filter(Boolean);
    return Object.fromEntries(lines.map((line) => line.replace(stem, "").split(" ") as [string, string]));
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
    expect(result.stderr).toContain("Brought back:");
    expect(result.exitCode).toBe(0);
    expect(await fingerprint(world.workspace)).toEqual(before);
    const brought = await refs();
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
    expect(await git(world.workspace, "show", `${(await refs())["uncommitted"]}:late.txt`)).toBe("late");
  });

  test("is nothing where nothing was changed", async () => {
    await begin({ "a.txt": "a\n" }, true);
    const result = await runSession(world, "git status --short");
    expect(result.stdout).toBe("");
    expect(result.stderr).not.toContain("Brought back");
    expect(await refs()).toEqual({});
  });

  test("goes into a linked worktree's repository, whose own branches and index stay as they are", async () => {
    await begin({ "a.txt": "a\n" }, true);
    const outer = world.workspace;
    await git(outer, "worktree", "add", "--quiet", "-b", "tree", join(outer, "../linked"));
    world = { ...world, workspace: join(outer, "../linked") };
    const result = await runSession(world, `${asAgent} echo w > w.txt; git add w.txt; git commit -qm W`);
    expect(result.exitCode).toBe(0);
    expect(await git(world.workspace, "show", `${(await refs())["heads/tree"]}:w.txt`)).toBe("w");
    expect(await git(world.workspace, "status", "--short")).toBe("");
  });

  test("comes back although the user has thrown away the commit that went in", async () => {
    await begin({ "a.txt": "a\n" }, true);
    const session = runSession(world, `${asAgent} sleep 2; echo b > b.txt; git add b.txt; git commit -qm B`);
    await Bun.sleep(2_000);
    await git(world.workspace, "commit", "--quiet", "--amend", "--message", "Amended");
    await git(world.workspace, "reflog", "expire", "--expire=now", "--all");
    await git(world.workspace, "gc", "--quiet", "--prune=now");
    expect((await session).stderr).toContain("Brought back:");
    expect(await git(world.workspace, "show", `${(await refs())["heads/main"]}:b.txt`)).toBe("b");
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

  test("leaves a record: receipt, egress, transcript, readable by the user alone", async () => {
    await begin({ "a.txt": "a\n" }, true);
    const id = "11111111-2222-3333-4444-555555555555";
    const folder = "~/.claude/projects/-home-node-workspace";
    const script = `mkdir -p ${folder}; echo '{}' > ${folder}/${id}.jsonl; ln -s /etc/passwd ${folder}/link.jsonl
      node -e 'require("net").connect(8888, process.env.HTTPS_PROXY.slice(7).split(":")[0]).end("CONNECT evil.example:443 HTTP/1.1\\r\\nHost: evil.example:443\\r\\n\\r\\n")'; sleep 0.5; exit 3`;
    await runSession(world, script);
    const [receipt] = await readReceipts(world);
    expect(receipt).toMatchObject({
      agent: "hello",
      bottle: "b",
      end: "ended",
      exitCode: 3,
      secrets: ["CLAUDE_BOTTLE_OAUTH_TOKEN"],
      refused: ["evil.example:443"],
      claudeSession: id,
      problems: [],
    });
    const record = await findRecord(world);
    const mode = async (path: string) => (await stat(join(record, path))).mode & 0o777;
    expect([
      await mode("."),
      await mode("receipt.json"),
      await mode("egress.jsonl"),
      await mode("transcript"),
    ]).toEqual([0o700, 0o600, 0o600, 0o700]);
    expect(await readFile(join(record, "transcript/-home-node-workspace", `${id}.jsonl`), "utf8")).toBe(
      "{}\n",
    );
    expect(await readFile(join(record, "egress.jsonl"), "utf8")).toContain("evil.example");
  });

  test("in a submodule goes in and comes back to the submodule's own repository", async () => {
    await begin({ "a.txt": "a\n" }, true);
    const library = join(world.workspace, "../library");
    await mkdir(library);
    await writeFile(join(library, "lib.txt"), "lib\n");
    await git(library, "init", "--quiet");
    await git(library, "add", "--all");
    await git(library, "commit", "--quiet", "--message", "Library");
    await git(
      world.workspace,
      "-c",
      "protocol.file.allow=always",
      "submodule",
      "--quiet",
      "add",
      library,
      "vendor/lib",
    );
    await git(world.workspace, "commit", "--quiet", "--all", "--message", "Submodule");
    const before = await git(world.workspace, "status", "--short");
    const script = `git status --short; cat vendor/lib/lib.txt; cd vendor/lib; ${asAgent} git checkout -qb fix; echo x >> lib.txt; git commit -qam Fix; echo loose > loose.txt`;
    const result = await runSession(world, script);
    expect(result.stdout).toBe("lib\n");
    expect(await git(world.workspace, "status", "--short")).toBe(before);
    const [receipt] = await readReceipts(world);
    const inner = join(world.workspace, "vendor/lib");
    const stem = `refs/bottles/${receipt?.session}`;
    expect(await git(inner, "show", `${stem}/heads/fix:lib.txt`)).toBe("lib\nx");
    expect(await git(inner, "show", `${stem}/uncommitted:loose.txt`)).toBe("loose");
    // The repository around it notes the submodule's new commit
    const link = await git(world.workspace, "ls-tree", `${stem}/uncommitted`, "vendor/lib");
    expect(link).toContain(await git(inner, "rev-parse", `${stem}/heads/fix`));
  });

  test("is taken up again in a new bottle: branches, uncommitted changes, transcript, claude's session", async () => {
    await begin({ "a.txt": "a\n" }, true);
    const id = "11111111-2222-3333-4444-555555555555";
    const folder = "~/.claude/projects/-home-node-workspace";
    await runSession(
      world,
      `${asAgent} mkdir -p ${folder}; echo '{}' > ${folder}/${id}.jsonl; git checkout -qb side; echo b > b.txt; git add b.txt; git commit -qm Side; mkdir d; echo c > d/c.txt; chmod +x d/c.txt`,
    );
    const [first] = await readReceipts(world);
    await writeFile(join(world.workspace, "a.txt"), "changed by the user\n");
    const script = `git branch --show-current; git status --short; git log --format=%s; cat a.txt ${folder}/${id}.jsonl; stat -c %a d/c.txt; echo $CLAUDE_WORDS; echo more >> b.txt; ${asAgent} git commit -qam More`;
    const resumed = await runCommand(world, ["resume", first?.session ?? "", "--yes", "--", "-c", script]);
    expect(resumed.stdout).toStartWith(`side\n?? d/\nSide\nFirst\na\n{}\n755\n`);
    expect(resumed.stdout).toContain(`--resume ${id}`);
    const [second] = await readReceipts(world);
    expect(second?.broughtBack).toContainEqual(
      expect.objectContaining({ ref: `refs/bottles/${second?.session}/heads/side`, commits: 1 }),
    );
    expect(await readFile(join(world.workspace, "a.txt"), "utf8")).toBe("changed by the user\n");
  });

  test("has no transcript with --no-transcript", async () => {
    await begin({ "a.txt": "a\n" }, true);
    await runSession(
      world,
      "mkdir -p ~/.claude/projects/x; echo 1 > ~/.claude/projects/x/y.jsonl",
      "--no-transcript",
    );
    const [receipt] = await readReceipts(world);
    expect(receipt).toMatchObject({ files: [], problems: [] });
  });

  test("keeps the times and modes of files on the way in", async () => {
    await begin({ "a.txt": "a\n", "run.sh": "#!/bin/sh\n" }, true);
    await chmod(join(world.workspace, "run.sh"), 0o755);
    const { mtimeMs } = await stat(join(world.workspace, "a.txt"));
    const result = await runSession(world, "stat -c '%Y %a' a.txt run.sh");
    expect(result.stdout.split("\n")[0]).toBe(`${Math.floor(mtimeMs / 1000)} 644`);
    expect(result.stdout.split("\n")[1]).toEndWith("755");
  });
});
