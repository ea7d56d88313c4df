import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { killAndRemoveContainer } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { findReaper } from "../support/find-reaper.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import {
  listLeft,
  makeSessionWorld,
  readReceipts,
  runCommand,
  runSession,
  spawnCommand,
} from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";

setDefaultTimeout(90_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const isRoot = process.geteuid?.() === 0;

describe.skipIf(image === undefined)("a session", () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  const begin = () => makeSessionWorld(run, image ?? "", "runc");

  /** One that has written a file, says so, and goes on for so many seconds. */
  async function startWaiting(world: SessionWorld, seconds = 60) {
    const script = `echo work > work.txt; echo written; for i in $(seq ${seconds * 5}); do sleep 0.2; done; echo over`;
    const child = spawnCommand(world, ["start", "hello", "--cwd", "--yes", "--", "-c", script]);
    const reader = child.stdout.getReader();
    let text = "";
    while (!text.includes("written")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(await new Response(child.stderr).text());
      text += Buffer.from(value).toString();
    }
    const [name = ""] = await readdir(join(world.home, ".local/state/claude-bottle/journal"));
    const rest = (async () => {
      for (let next = await reader.read(); !next.done; next = await reader.read())
        text += Buffer.from(next.value).toString();
      return text;
    })();
    return { child, rest, stem: `claude-bottle-hello-${name.replace(".json", "")}` };
  }

  async function expectClean(world: SessionWorld): Promise<void> {
    expect(await listLeft(engine, run)).toEqual([]);
    await world.remove();
  }

  test("whose agent is removed by hand ends, says so, and its work is back", async () => {
    const world = await begin();
    const { child, stem } = await startWaiting(world);
    await killAndRemoveContainer(engine, stem);
    expect(await child.exited).not.toBe(0);
    const said = await new Response(child.stderr).text();
    expect(said).toContain("What the agent changed is in");
    expect(said).not.toContain("This is a bug");
    expect(said).not.toContain("Left behind");
    await expectClean(world);
  });

  test("whose launcher and reaper were killed is pulled by the next command, and the rest of it goes as well", async () => {
    const world = await begin();
    const { child, stem } = await startWaiting(world);
    const reaper = await findReaper(child.pid);
    for (const pid of [reaper, child.pid]) process.kill(pid, "SIGKILL");
    await child.exited;
    const pulled = await runCommand(world, ["pull", stem.slice("claude-bottle-hello-".length)]);
    expect(pulled).toMatchObject({ exitCode: 0 });
    expect(pulled.stderr).toContain("What the agent changed is in");
    expect(await readdir(join(world.home, ".local/state/claude-bottle/journal"))).toEqual([]);
    await expectClean(world);
  });

  test("and another of the same agent on the same folder, begun at once, do not know of each other", async () => {
    const world = await begin();
    const both = await Promise.all(
      [1, 2].map((number) => runSession(world, `echo ${number} > work.txt; echo ${number}`)),
    );
    expect(both.map((one) => [one.exitCode, one.stdout])).toEqual([
      [0, "1\n"],
      [0, "2\n"],
    ]);
    const receipts = await readReceipts(world);
    expect(new Set(receipts.map((one) => one.session)).size).toBe(2);
    expect(receipts.map((one) => one.files)).toEqual([["changes.patch"], ["changes.patch"]]);
    await expectClean(world);
  });

  test("whose launcher sleeps longer than every look of its guard goes on where it was", async () => {
    const world = await begin();
    const { child, rest } = await startWaiting(world, 10);
    child.kill("SIGSTOP");
    await Bun.sleep(6_000);
    expect((await listLeft(engine, run)).length).toBeGreaterThan(0);
    child.kill("SIGCONT");
    expect(await child.exited).toBe(0);
    expect(await rest).toBe("written\nover\n");
    await expectClean(world);
  });

  test.skipIf(!isRoot)("does not begin where its state cannot be written: nothing is created", async () => {
    // Labels that nothing else carries, so that the engine's memory of what was created needs no moment to begin at
    const own = beginTestRun(engine);
    const world = await makeSessionWorld(own, image ?? "", "runc");
    const state = join(world.home, ".local/state/claude-bottle");
    await mkdir(state, { recursive: true });
    await Bun.$`mount -t tmpfs -o size=64k tmpfs ${state}`.quiet();
    try {
      await Bun.$`head -c 70000 /dev/zero > ${join(state, "filler")}`.quiet().nothrow();
      const result = await runSession(world, "echo ran");
      expect(result.exitCode).not.toBe(0);
      expect(result.stdout).toBe("");
      expect(result.stderr).toMatch(/^error: Cannot write ".+": .*no space left on device/im);
      expect(result.stderr).toContain("hint: Free space on the disk that it is on.");
      expect(await listCreated(own)).toEqual([]);
      // The control: with space it begins, and then the same look sees what was created
      await rm(join(state, "filler"));
      expect((await runSession(world, "echo ran")).stdout).toBe("ran\n");
      expect((await listCreated(own)).length).toBeGreaterThan(0);
    } finally {
      await Bun.$`umount ${state}`.quiet();
    }
    expect(await listLeft(engine, own)).toEqual([]);
    await world.remove();
  });

  test.skipIf(!isRoot)(
    "whose state fills up while it runs ends, says so, keeps the work, and it can be pulled",
    async () => {
      const world = await begin();
      const state = join(world.home, ".local/state/claude-bottle");
      await mkdir(state, { recursive: true });
      await Bun.$`mount -t tmpfs -o size=256k tmpfs ${state}`.quiet();
      try {
        const { child, stem } = await startWaiting(world, 3);
        await Bun.$`head -c 300000 /dev/zero > ${join(state, "filler")}`.quiet().nothrow();
        await child.exited;
        const said = await new Response(child.stderr).text();
        expect(said).not.toContain("This is a bug");
        expect(said).toContain("Not everything could be pulled");
        expect((await listLeft(engine, run)).toSorted()).toEqual([`${stem}-kept`, `${stem}-work`]);
        await rm(join(state, "filler"));
        const pulled = await runCommand(world, ["pull", stem.slice("claude-bottle-hello-".length)]);
        expect(pulled).toMatchObject({ exitCode: 0 });
      } finally {
        await Bun.$`umount ${state}`.quiet();
      }
      await expectClean(world);
    },
  );

  /** Names of what was created with the labels, by what the engine remembers. */
  async function listCreated(own: TestRun): Promise<string[]> {
    const filters = JSON.stringify({
      event: ["create"],
      label: Object.entries(own.labels).map(([key, value]) => `${key}=${value}`),
    });
    const now = Math.floor(Date.now() / 1000);
    const query = { since: now - 600, until: now + 1, filters };
    const response = await engine.open("GET", "/events", { query });
    const lines = (await response.text()).split("\n").filter(Boolean);
    return lines.map((line) => (JSON.parse(line) as { Actor: { ID: string } }).Actor.ID);
  }
});
