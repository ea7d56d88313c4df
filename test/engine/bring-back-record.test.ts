import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { git } from "../support/git.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { findRecord, listLeft, readReceipts, runCommand, runSession } from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";
import { asAgent, makeWorkWorld, readBroughtRefs } from "../support/work-session.ts";

setDefaultTimeout(60_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = image === undefined ? (["runc"] as const) : await listRuntimes(engine);

describe.skipIf(image === undefined).each([...runtimes])(
  "a session's record and surroundings under %s",
  (runtime) => {
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

    test("goes into a linked worktree's repository, whose own branches and index stay as they are", async () => {
      await begin({ "a.txt": "a\n" }, true);
      const outer = world.workspace;
      await git(outer, "worktree", "add", "--quiet", "-b", "tree", join(outer, "../linked"));
      world = { ...world, workspace: join(outer, "../linked") };
      const result = await runSession(world, `${asAgent} echo w > w.txt; git add w.txt; git commit -qm W`);
      expect(result.exitCode).toBe(0);
      expect(
        await git(world.workspace, "show", `${(await readBroughtRefs(world))["heads/tree"]}:w.txt`),
      ).toBe("w");
      expect(await git(world.workspace, "status", "--short")).toBe("");
      // The control: git tells of the agent's file where it does lie there
      await writeFile(join(world.workspace, "w.txt"), "w");
      expect(await git(world.workspace, "status", "--short")).toContain("w.txt");
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
  },
);
