/** What a setup makes is there at each start, for every bottle its own, and holds nothing that an agent or a secret left. */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { findBrokenTrees } from "../../src/bottle/docker/kept-trees.ts";
import { isProcessAlive } from "../../src/host/process-identity.ts";
import { readUntil } from "../support/container-output.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { listLeft, readReceipts, runCommand, runSession, spawnCommand } from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";
import { listTrees, removeTrees } from "../support/setup-trees.ts";
import { makeWorkWorld } from "../support/work-session.ts";

setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = image === undefined ? (["runc"] as const) : await listRuntimes(engine);

interface Setup {
  readonly run: readonly string[];
  readonly keep?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

describe.skipIf(image === undefined).each([...runtimes])("a setup under %s", (runtime) => {
  let run: TestRun;
  let world: SessionWorld;

  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());
  afterEach(async () => {
    await removeTrees(run);
    expect(await listLeft(engine, run)).toEqual([]);
    await world.remove();
  });

  async function begin({ run: commands, keep = ["node_modules"], env = {} }: Setup): Promise<void> {
    const files = { "lock.json": "{}\n", ".gitignore": "node_modules/\n", "a.txt": "a\n" };
    world = await makeWorkWorld(run, image ?? "", runtime, files);
    const setup = { run: commands, inputs: ["lock.json"], keep };
    const manifest = { bottles: { b: { setup, env } }, agents: { hello: { bottle: "b", prompt: "" } } };
    await writeFile(join(world.home, "claude-bottle.json"), JSON.stringify(manifest));
  }

  const made =
    "mkdir -p node_modules/pkg; head -c 8 /dev/urandom | od -An -tx1 >node_modules/pkg/id; echo module >node_modules/pkg/index.js";

  test("runs once, and again when an input changes", async () => {
    await begin({ run: [made] });
    const look = "cat node_modules/pkg/id; git status --porcelain";
    const first = await runSession(world, look);
    expect(first.stderr).toContain("Running the setup");
    expect(first.stdout).toMatch(/^( [0-9a-f]{2}){8}\n$/);
    const second = await runSession(world, look);
    expect(second.stderr).not.toContain("Running the setup");
    expect(second.stdout).toBe(first.stdout);
    await writeFile(join(world.workspace, "lock.json"), '{"other": 1}\n');
    const third = await runSession(world, "cat node_modules/pkg/id");
    expect(third.stderr).toContain("Running the setup");
    expect(third.stdout).not.toBe(first.stdout);
    expect(third.stdout).toMatch(/^( [0-9a-f]{2}){8}\n$/);
  });

  test("runs ahead of time with a build, and the first start has what it made", async () => {
    await begin({ run: [made] });
    const { stderr, exitCode } = await runCommand(world, ["build", "hello", "--setup"]);
    expect(exitCode, stderr).toBe(0);
    const first = await runSession(world, "cat node_modules/pkg/id");
    expect(first.stderr).not.toContain("Running the setup");
    expect(first.stdout).toMatch(/^( [0-9a-f]{2}){8}\n$/);
  });

  test("gives each bottle its own: an agent changes, renames and removes what it likes, and the next one has it whole", async () => {
    await begin({ run: [made] });
    const change =
      "cd node_modules; echo evil >pkg/index.js; echo new >pkg/new; mv pkg pkg2 && mkdir pkg && cat pkg2/index.js pkg2/new; rm -r pkg2; ls -A";
    const first = await runSession(world, change);
    // The control: in its own bottle it changed all of it
    expect(first.stdout).toBe("evil\nnew\npkg\n");
    // The kept folder itself is nowhere to be found
    const attack =
      "find / -name index.js -path '*/pkg/*' -not -path '/proc/*' 2>/dev/null; cat node_modules/pkg/index.js; ls node_modules/pkg";
    const second = await runSession(world, attack);
    expect(second.stdout).toBe("/home/node/workspace/node_modules/pkg/index.js\nmodule\nid\nindex.js\n");
    expect(await readReceipts(world)).toMatchObject([{ broughtBack: [] }, { broughtBack: [] }]);
  });

  test("of another project with the same inputs is not what this one gets", async () => {
    await begin({ run: ["sh ./install.sh"] });
    await writeFile(join(world.workspace, "install.sh"), "echo good >node_modules/kind");
    const look = "cat node_modules/kind";
    expect((await runSession(world, look)).stdout).toBe("good\n");
    const other = join(world.workspace, "../other");
    await cp(world.workspace, other, { recursive: true });
    await writeFile(join(other, "install.sh"), "echo evil >node_modules/kind");
    const elsewhere = { ...world, workspace: other };
    expect((await runSession(elsewhere, look)).stdout).toBe("evil\n");
    // The control: the first project's is still there and is used, and in the same folder the same inputs mean the same
    const again = await runSession(world, look);
    expect(again.stderr).not.toContain("Running the setup");
    expect(again.stdout).toBe("good\n");
  });

  test("has neither token nor secret nor skill, and what is written as it is in the manifest", async () => {
    await begin({
      run: [
        "mkdir -p node_modules; env >node_modules/env; ls -A ~/.claude/skills ~/.ssh >node_modules/files",
      ],
      env: { PLAIN: "yes", HIDDEN: "${SECRET_OF_USER}" },
    });
    world = { ...world, env: { ...world.env, SECRET_OF_USER: "s3cret-value-that-nobody-has" } };
    const { stdout } = await runSession(world, "cat node_modules/env node_modules/files; printf '\\f'; env");
    // The control: the agent has it
    const [setup = "", agent = ""] = stdout.split("\f");
    expect(agent).toContain("s3cret-value-that-nobody-has");
    expect(setup).not.toContain("s3cret-value-that-nobody-has");
    expect(setup).toContain("PLAIN=yes");
    expect(setup).not.toContain("HIDDEN=");
  });

  test("that fails is told with its last lines, and leaves nothing", async () => {
    await begin({
      run: ["mkdir -p node_modules; echo half >node_modules/half", "echo it is broken >&2; exit 3"],
    });
    const { stderr, exitCode } = await runSession(world, "echo never");
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("Cannot start the agent: its setup ended with 3");
    expect(stderr).toContain("it is broken");
    expect(stderr).toContain("command 2 ended with 3");
    expect(await listTrees(run)).toEqual([]);
  });

  test("keeps folders of the home folder as well", async () => {
    await begin({
      run: ["mkdir -p ~/.cache/tool/x; echo kept >~/.cache/tool/x/file; mkdir -p node_modules"],
      keep: ["~/.cache/tool", "node_modules"],
    });
    const { stdout } = await runSession(
      world,
      "cat ~/.cache/tool/x/file; touch ~/.cache/other ~/.cache/tool/mine && echo own",
    );
    expect(stdout).toBe("kept\nown\n");
  });

  test("is not kept when its command is interrupted, and is a leftover when its launcher is killed", async () => {
    await begin({ run: ["mkdir -p node_modules; sleep 600"] });
    const child = spawnCommand(world, ["start", "hello", "--cwd", "--yes", "--", "-c", "true"]);
    await readUntil(child.stderr.values(), "Running the setup");
    child.kill("SIGINT");
    await child.exited;
    expect(await listTrees(run)).toEqual([]);
    const other = spawnCommand(world, ["start", "hello", "--cwd", "--yes", "--", "-c", "true"]);
    await readUntil(other.stderr.values(), "Running the setup");
    other.kill("SIGKILL");
    await other.exited;
    const made = await listTrees(run);
    expect(made).toHaveLength(1);
    // Not by `cleanup` itself, which would remove what other tests on this engine have made in the name of nobody
    expect(await findBrokenTrees(engine, isProcessAlive)).toEqual(expect.arrayContaining(made));
    while ((await listLeft(engine, run)).some((name) => !made.includes(name))) await Bun.sleep(200);
  });
});
