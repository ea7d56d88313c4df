import type { JournalEntry } from "../../src/protocol/journal-entry.ts";
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { inspectState } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { runExec } from "../../src/engine/exec.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { killLauncherAndReaper, readJournal, waitUntil } from "../support/launcher.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import {
  listLeft,
  makeCommand,
  makeSessionWorld,
  runCommand,
  spawnCommand,
} from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";
import { openPty } from "../support/session/pty.ts";

setDefaultTimeout(90_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = image === undefined ? (["runc"] as const) : await listRuntimes(engine);

/** Ignores what a polite end would send. The preflight shows these words too, so what is waited for is not among them */
const script = "trap '' HUP INT TERM; echo writ''ten; sleep 600";

describe.skipIf(image === undefined).each([...runtimes])(
  "a bottle that nobody holds, under %s",
  (runtime) => {
    let run: TestRun;
    let world: SessionWorld;

    beforeEach(() => {
      run = beginTestRun(engine);
    });
    afterEach(async () => {
      await run.end();
      await world.remove();
    });

    const ways = {
      attached: () =>
        openPty(makeCommand(world, ["start", "hello", "--yes", "--", "-c", script]), {
          cwd: world.workspace,
          env: { ...world.env, TERM: "xterm" },
          columns: 80,
          rows: 24,
        }).waitFor("written"),
      "without a terminal": async () => {
        const child = spawnCommand(world, ["start", "hello", "--yes", "--", "-c", script]);
        await child.stdout.getReader().read();
      },
      detached: async () => {
        const { exitCode } = await runCommand(world, [
          "start",
          "hello",
          "--yes",
          "--detach",
          "--",
          "-c",
          script,
        ]);
        expect(exitCode).toBe(0);
      },
    };

    async function begin(way: keyof typeof ways): Promise<JournalEntry> {
      world = await makeSessionWorld(run, image ?? "", runtime);
      await ways[way]();
      const [entry] = await readJournal(world);
      if (!entry) throw new Error("There is no journal entry");
      return entry;
    }

    const isRunning = async (name: string) => (await inspectState(engine, name)).Running;
    const agentOf = (entry: JournalEntry) => `claude-bottle-${entry.bottleName}`;
    const gateOf = (entry: JournalEntry) => `${agentOf(entry)}-gate`;
    /** The process in the agent's container, named by what it runs */
    const lifelines =
      "for one in /proc/[0-9]*; do grep -qs 'read -r _' $one/cmdline && [ ${one#/proc/} != $$ ] && echo ${one#/proc/}; done";
    const inAgent = (entry: JournalEntry, command: string) =>
      runExec(engine, agentOf(entry), { command: ["/bin/sh", "-c", command] });
    const bothEnd = (entry: JournalEntry) =>
      waitUntil(
        async () => !(await isRunning(agentOf(entry))) && !(await isRunning(gateOf(entry))),
        "agent and gate end",
      );

    test.each(["attached", "without a terminal", "detached"] as const)(
      "%s: agent and gate end by themselves when launcher and reaper are killed",
      async (way) => {
        const entry = await begin(way);
        await killLauncherAndReaper(entry);
        await bothEnd(entry);
        expect((await listLeft(engine, run)).length).toBeGreaterThan(0);
        // Nothing but the next command removes them: no reaper was left
        await runCommand(world, ["list"]);
        await waitUntil(async () => (await listLeft(engine, run)).length === 0, "nothing is left");
      },
    );

    test("control: without the lifeline the agent goes on, and yet the gate ends", async () => {
      const entry = await begin("without a terminal");
      await inAgent(entry, `kill -9 $(${lifelines})`);
      await killLauncherAndReaper(entry);
      await waitUntil(async () => !(await isRunning(gateOf(entry))), "the gate ends");
      await Bun.sleep(3_000);
      expect(await isRunning(agentOf(entry))).toBe(true);
    });

    test("a program in the bottle that ends the lifeline gets another one", async () => {
      const entry = await begin("without a terminal");
      const first = (await inAgent(entry, lifelines)).stdout.trim();
      expect(first).toMatch(/^\d+$/);
      await inAgent(entry, `kill -9 ${first}`);
      await waitUntil(async () => /\d/.test((await inAgent(entry, lifelines)).stdout), "another lifeline");
      await killLauncherAndReaper(entry);
      await bothEnd(entry);
    });

    test("a launcher that is stopped keeps its bottle", async () => {
      const entry = await begin("without a terminal");
      process.kill(entry.owner.pid, "SIGSTOP");
      await Bun.sleep(4_000);
      expect([await isRunning(agentOf(entry)), await isRunning(gateOf(entry))]).toEqual([true, true]);
      process.kill(entry.owner.pid, "SIGCONT");
      process.kill(entry.owner.pid, "SIGTERM");
      await waitUntil(async () => (await listLeft(engine, run)).length === 0, "nothing is left");
    });
  },
);
