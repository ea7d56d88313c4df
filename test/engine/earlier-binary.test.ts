import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { buildEarlier } from "../support/earlier-binary.ts";
import type { EarlierBinary } from "../support/earlier-binary.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { findReaper } from "../support/find-reaper.ts";
import { git } from "../support/git.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { listLeft, makeCommand, runCommand } from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";
import { openPty } from "../support/session/pty.ts";
import { asAgent, makeWorkWorld } from "../support/work-session.ts";

/** Before the larger rebuilding of what is kept and said */
const earlierCommit = "37a0d8d";

setDefaultTimeout(180_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const built = image === undefined ? "There is no engine" : await buildEarlier(earlierCommit);
if (typeof built === "string") console.warn(`skipped: ${built}`);
const earlier = built as EarlierBinary;

const work = `${asAgent} echo new > b.txt; git add b.txt; git commit -qm Second; echo changed > a.txt; echo written;`;

describe.skipIf(typeof built === "string")(`what the binary of ${earlierCommit} started`, () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(async () => {
    await run.end();
    await earlier.remove();
  });

  const spawnEarlier = (world: SessionWorld, words: readonly string[]) =>
    Bun.spawn([earlier.path, ...words], {
      cwd: world.workspace,
      env: { ...world.env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });

  /** What was committed and what was not are in the user's repository, and nothing is left of the session. */
  async function expectWork(world: SessionWorld): Promise<void> {
    const refs = (await git(world.workspace, "for-each-ref", "--format=%(refname)", "refs/bottles")).split(
      "\n",
    );
    const branch = refs.find((one) => one.includes("/heads/")) ?? "";
    expect(await git(world.workspace, "log", "--format=%s", branch)).toBe("Second\nFirst");
    const uncommitted = refs.find((one) => one.endsWith("/uncommitted")) ?? "";
    expect(await git(world.workspace, "show", `${uncommitted}:a.txt`)).toBe("changed");
    expect(await readdir(join(world.home, ".local/state/claude-bottle/journal"))).toEqual([]);
    expect(await listLeft(engine, run)).toEqual([]);
    await world.remove();
  }

  /** Its launcher and whoever watches over it are gone; its bottle may run on for a moment. */
  async function leaveBehind(): Promise<{ readonly world: SessionWorld; readonly session: string }> {
    const world = await makeWorkWorld(run, image ?? "", "runc");
    const child = spawnEarlier(world, ["start", "hello", "--cwd", "--yes", "--", "-c", `${work} sleep 600`]);
    const reader = child.stdout.getReader();
    for (let text = ""; !text.includes("written");) {
      const { value, done } = await reader.read();
      if (done) throw new Error(await new Response(child.stderr).text());
      text += Buffer.from(value).toString();
    }
    for (const pid of [await findReaper(child.pid), child.pid]) process.kill(pid, "SIGKILL");
    await child.exited;
    const [name = ""] = await readdir(join(world.home, ".local/state/claude-bottle/journal"));
    return { world, session: name.replace(".json", "") };
  }

  test("is listed, joined, entered, changed, looked at, copied from and stopped by this one, and its work comes home", async () => {
    const world = await makeWorkWorld(run, image ?? "", "runc");
    const script = `${work} read -r line; echo "got $line"; sleep 600`;
    const started = spawnEarlier(world, ["start", "hello", "--cwd", "--yes", "--detach", "--", "-c", script]);
    const name = (await new Response(started.stdout).text()).trim();
    expect(await started.exited).toBe(0);
    const listed = JSON.parse((await runCommand(world, ["list", "--json"])).stdout) as {
      readonly name: string;
    }[];
    // Others may use the engine too
    expect(listed.find((one) => one.name === name)).toMatchObject({ agent: "hello", isOwned: true });
    const terminal = openPty(makeCommand(world, ["attach", "hello"]), {
      cwd: world.workspace,
      env: { ...world.env, TERM: "xterm" },
      columns: 80,
      rows: 24,
    });
    await terminal.waitFor("detaches");
    terminal.type("word\r");
    await terminal.waitFor("got word");
    terminal.type("\u001dd");
    expect(await terminal.exitCode).toBe(0);
    expect((await runCommand(world, ["exec", name, "--", "cat", "b.txt"])).stdout).toBe("new\n");
    expect(await runCommand(world, ["allow", name, "later.example"])).toMatchObject({ exitCode: 0 });
    expect(await runCommand(world, ["deny", name, "later.example"])).toMatchObject({ exitCode: 0 });
    const egress = await runCommand(world, ["egress", name, "--json"]);
    expect(egress.stdout).toContain("later.example");
    const copied = await runCommand(world, ["cp", `${name}:b.txt`, join(world.home, "b.txt")]);
    expect(copied).toMatchObject({ exitCode: 0 });
    expect(await readFile(join(world.home, "b.txt"), "utf8")).toBe("new\n");
    const difference = await runCommand(world, ["diff", name]);
    expect(difference).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("a.txt | 2 +-") });
    expect(await runCommand(world, ["stop", name])).toMatchObject({ exitCode: 0 });
    await expectWork(world);
  });

  test("and left behind is brought home by this one's next command", async () => {
    const { world, session } = await leaveBehind();
    expect(await runCommand(world, ["pull", session])).toMatchObject({ exitCode: 0 });
    await expectWork(world);
  });

  test("and kept is told of by this one, and brought home when it is asked for", async () => {
    const world = await makeWorkWorld(run, image ?? "", "runc");
    const refs = join(world.workspace, ".git/refs/bottles");
    await writeFile(refs, "in the way\n");
    const child = spawnEarlier(world, ["start", "hello", "--cwd", "--yes", "--", "-c", work]);
    const [said] = await Promise.all([new Response(child.stderr).text(), child.exited]);
    expect(said).toContain("Try again with");
    await rm(refs);
    const [name = ""] = await readdir(join(world.home, ".local/state/claude-bottle/journal"));
    const session = name.replace(".json", "");
    const sessions = await runCommand(world, ["sessions"]);
    expect(sessions.stdout + sessions.stderr).toContain(session);
    expect(await runCommand(world, ["pull", session])).toMatchObject({ exitCode: 0 });
    await expectWork(world);
  });
});
