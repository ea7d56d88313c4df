import type { JournalEntry } from "../../src/protocol/journal-entry.ts";
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { labelKeys } from "../../src/bottle/docker/labels.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { readJsonStream } from "../../src/engine/json-stream.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { startHeld } from "../support/held-session.ts";
import { findReaper, journalFolder, waitUntil } from "../support/launcher.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { listLeft, readReceipts, runCommand, runSession, spawnCommand } from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";
import { git } from "../support/temporary.ts";
import { makeWorkWorld } from "../support/work-session.ts";

setDefaultTimeout(60_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = image === undefined ? (["runc"] as const) : await listRuntimes(engine);

describe.skipIf(image === undefined).each([...runtimes])("work is not lost under %s", (runtime) => {
  let run: TestRun;
  let world: SessionWorld;

  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());
  afterEach(() => world.remove());

  async function begin(): Promise<void> {
    world = await makeWorkWorld(run, image ?? "", runtime);
  }

  /** A session that has written its file and waits */
  async function startWaiting(script = "echo work > work.txt; echo written; sleep 600") {
    const child = spawnCommand(world, ["start", "hello", "--cwd", "--yes", "--", "-c", script]);
    const reader = child.stdout.getReader();
    for (let text = ""; !text.includes("written");) {
      const { value, done } = await reader.read();
      if (done) throw new Error(await new Response(child.stderr).text());
      text += Buffer.from(value).toString();
    }
    const [name = ""] = await readdir(journal());
    return { child, session: name.replace(".json", "") };
  }

  const journal = () => journalFolder(world);

  /** Of this run, made from then on; seconds since 1970. */
  async function countCollectors(since: number): Promise<number> {
    const [key = "", value = ""] = Object.entries(run.labels)[0] ?? [];
    const labels = [`${key}=${value}`, `${labelKeys.role}=collector`];
    const filters = JSON.stringify({ event: ["create"], type: ["container"], label: labels });
    const query = { since: since.toFixed(3), until: (Date.now() / 1_000).toFixed(3), filters };
    const action = "read its events";
    const response = await engine.open("GET", "/events", { action, query });
    return (await Array.fromAsync(readJsonStream(response, { action }))).length;
  }

  test("when the launcher is killed: the reaper brings it back and removes the rest", async () => {
    await begin();
    const { child, session } = await startWaiting();
    child.kill("SIGKILL");
    await waitUntil(async () => (await listLeft(engine, run)).length === 0, "nothing is left");
    await waitUntil(async () => (await readdir(journal())).length === 0, "the journal is empty");
    expect(await git(world.workspace, "show", `refs/bottles/${session}/uncommitted:work.txt`)).toBe("work");
    expect(await readReceipts(world)).toMatchObject([{ session, end: "lost" }]);
  });

  test("and nothing of twenty thousand files is left, whoever removes them", async () => {
    await begin();
    const script = "mkdir many && cd many && seq 20000 | xargs touch && echo work > work.txt";
    const { exitCode } = await runSession(world, script);
    expect(exitCode).toBe(0);
    await waitUntil(async () => (await listLeft(engine, run)).length === 0, "nothing is left");
    await waitUntil(async () => (await readdir(journal())).length === 0, "the journal is empty");
    const [receipt] = await readReceipts(world);
    expect(receipt).toMatchObject({ end: "ended", exitCode: 0 });
    expect(receipt?.broughtBack.map((one) => one.ref)).toEqual([
      `refs/bottles/${receipt?.session}/uncommitted`,
    ]);
  });

  test("when launcher and reaper are both killed: the next command brings it back", async () => {
    await begin();
    const { child, session } = await startWaiting();
    for (const pid of await findReaper(session)) process.kill(pid, "SIGKILL");
    child.kill("SIGKILL");
    await child.exited;
    await Bun.sleep(500);
    // The control of reaper and command: without either all of it stays on the engine
    expect((await listLeft(engine, run)).length).toBeGreaterThan(0);
    await runCommand(world, ["list"]);
    await waitUntil(async () => (await listLeft(engine, run)).length === 0, "nothing is left");
    expect(await git(world.workspace, "show", `refs/bottles/${session}/uncommitted:work.txt`)).toBe("work");
  });

  test("when bringing back fails: it is kept, said so, and pulled later", async () => {
    await begin();
    // The repository is spoilt while the session runs, which is noticed only when its work comes back
    const head = join(world.workspace, ".git/HEAD");
    const text = await readFile(head, "utf8");
    const held = await startHeld(world, "echo work > work.txt");
    const { session } = held;
    await writeFile(head, "spoilt\n");
    const said = (await held.letGo()).stderr;
    expect(said).toContain("Not everything could be pulled");
    expect(said).toContain(`claude-bottle pull hello-${session}`);
    expect((await listLeft(engine, run)).toSorted()).toEqual([
      `claude-bottle-hello-${session}-kept`,
      `claude-bottle-hello-${session}-work`,
    ]);
    await writeFile(head, text);
    const pulled = await runCommand(world, ["pull", session]);
    // The control: once the repository is whole again the same work comes
    expect(pulled.exitCode).toBe(0);
    expect(await git(world.workspace, "show", `refs/bottles/${session}/uncommitted:work.txt`)).toBe("work");
    expect(await listLeft(engine, run)).toEqual([]);
  });

  test("while the bottle runs: diff shows it, pull brings it over, and it goes on", async () => {
    await begin();
    const { child, session } = await startWaiting(
      `printf 'red \\033[31m text\\n' > work.txt; echo written; sleep 600`,
    );
    const since = Date.now() / 1_000 - 1;
    const stat = await runCommand(world, ["diff", session]);
    expect(stat.stdout).toContain("work.txt | 1 +");
    const patch = await runCommand(world, ["diff", `hello-${session}`, "--patch"]);
    expect(patch.stdout).toContain("+red \\x1b[31m text");
    const pulled = await runCommand(world, ["pull", session]);
    expect(pulled.exitCode).toBe(0);
    // Both looked from within the bottle, and left nothing there
    expect(await countCollectors(since)).toBe(0);
    const left = await runCommand(world, ["exec", `hello-${session}`, "--", "ls", "/tmp"]);
    expect([left.exitCode, left.stdout]).toEqual([0, expect.not.stringContaining("collect-")]);
    expect(await git(world.workspace, "show", `refs/bottles/${session}/uncommitted:work.txt`)).toContain(
      "red",
    );
    expect((await listLeft(engine, run)).some((name) => name.endsWith(session))).toBe(true);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(143);
    // The control: what removes the work has a container of its own
    expect(await countCollectors(since)).toBeGreaterThan(0);
    expect(await listLeft(engine, run)).toEqual([]);
  });

  test("of a session of another machine nothing is swept", async () => {
    await begin();
    await runSession(world, "true");
    const entry: JournalEntry = {
      schema: 1,
      session: "abcdef",
      bottleName: "hello-abcdef",
      agent: "hello",
      hasTranscript: false,
      owner: { bootId: "x", pid: 1, startTime: "1", machineId: "another", pidNamespace: "1" },
      environment: {},
      state: "running",
      startedAt: "2020-01-01T00:00:00.000Z",
    };
    await writeFile(join(journal(), "abcdef.json"), JSON.stringify(entry));
    await runCommand(world, ["list"]);
    await Bun.sleep(1_500);
    expect(await readdir(journal())).toEqual(["abcdef.json"]);
  });
});
