import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile, readdir, readlink } from "node:fs/promises";
import { activityPath } from "../../src/bottle/agent/bottle-paths.ts";
import { quoteForShell } from "../../src/core/shell-quote.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { findReaper, readJournal, waitUntil } from "../support/launcher.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { listLeft, makeCommand, makeSessionWorld, runCommand } from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";
import { openPty } from "../support/session/pty.ts";
import type { Pty } from "../support/session/pty.ts";

setDefaultTimeout(90_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);

/** Says each word back, and ends with "end" */
const script = `printf idle >${activityPath}; echo up; while read -r word && [ "$word" != end ]; do echo "heard $word"; done; exit 5`;

describe.skipIf(image === undefined)("a session that was started at a terminal", () => {
  let run: TestRun;
  let world: SessionWorld;
  beforeEach(async () => {
    run = beginTestRun(engine);
    world = await makeSessionWorld(run, image ?? "", "runc");
  });
  afterEach(async () => {
    await runCommand(world, ["stop", "--all"]);
    await world.remove();
    await run.end();
  });

  function open(command: readonly string[]): Pty {
    const env = { ...world.env, TERM: "xterm" };
    return openPty(command, { cwd: world.workspace, env, columns: 90, rows: 30 });
  }

  function start(...flags: string[]): Pty {
    return open(makeCommand(world, ["start", "hello", "--yes", ...flags, "--", "-c", script]));
  }

  async function findLauncher(): Promise<number> {
    const [entry] = await readJournal(world);
    return entry?.owner.pid ?? 0;
  }

  const isLeftEmpty = async () => (await listLeft(engine, run)).length === 0;

  test("is left by Ctrl-] d: the shell has its terminal whole, and the session goes on", async () => {
    const words = makeCommand(world, ["start", "hello", "--yes", "--", "-c", script]);
    const shell = `${words.map(quoteForShell).join(" ")}; echo "code $?"; stty -a; while read -r x; do echo "shell $x"; done`;
    const pty = open(["/bin/sh", "-c", shell]);
    await pty.waitFor("Ctrl-] d detaches");
    await pty.waitFor(/^up$/m);
    pty.type("one\r");
    await pty.waitFor("heard one");
    const launcher = await findLauncher();
    pty.type("\u001dd");
    await pty.waitFor(/Detached; hello-\w+ is still running/);
    await pty.waitFor("code 0");
    await pty.waitFor(/[^-]icanon/);
    // Every key is the shell's
    for (const key of "abcdefgh\r") pty.type(key);
    await pty.waitFor("shell abcdefgh");
    expect(await terminalsOf(launcher)).toEqual([]);
    expect((await listLeft(engine, run)).length).toBeGreaterThan(0);
    // A terminal that is closed later concerns it no more
    pty.hangUp();
    await pty.exitCode;
    const again = open(makeCommand(world, ["attach", "hello"]));
    await again.waitFor("Ctrl-] d detaches");
    again.type("two\r");
    await again.waitFor("heard two");
    again.type("end\r");
    expect(await again.exitCode).toBe(5);
    await waitUntil(isLeftEmpty, "nothing is left");
  });

  test("goes on when the terminal is closed, with --keep", async () => {
    const pty = start("--keep");
    await pty.waitFor(/^up$/m);
    const launcher = await findLauncher();
    pty.hangUp();
    expect(await pty.exitCode).toBe(0);
    await waitUntil(async () => (await terminalsOf(launcher)).length === 0, "the terminal is let go of");
    expect((await listLeft(engine, run)).length).toBeGreaterThan(0);
    expect((await runCommand(world, ["stop", "hello"])).exitCode).toBe(0);
    await waitUntil(isLeftEmpty, "nothing is left");
  });

  test("ends when the terminal is closed, without it", async () => {
    const pty = start();
    await pty.waitFor(/^up$/m);
    pty.hangUp();
    expect(await pty.exitCode).toBe(129);
    expect(await listLeft(engine, run)).toEqual([]);
  });

  test.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)(
    "ends whole when what the shell waits for gets %s",
    async (signal) => {
      const pty = start();
      await pty.waitFor(/^up$/m);
      process.kill(pty.pid, signal);
      expect(await pty.exitCode).toBe({ SIGKILL: 137, SIGTERM: 143, SIGINT: 130 }[signal]);
      await waitUntil(isLeftEmpty, "nothing is left");
      await waitUntil(async () => (await readJournal(world)).length === 0, "the journal is empty");
    },
  );

  test("leaves nothing when its launcher is killed after it was left, and the terminal alone", async () => {
    const pty = start();
    await pty.waitFor(/^up$/m);
    const [entry] = await readJournal(world);
    pty.type("\u001dd");
    expect(await pty.exitCode).toBe(0);
    const before = pty.screen();
    process.kill(entry?.owner.pid ?? 0, "SIGKILL");
    await waitUntil(isLeftEmpty, "nothing is left");
    await waitUntil(
      async () => (await findReaper(entry?.session ?? "")).length === 0,
      "the reaper has ended",
    );
    expect(pty.screen()).toBe(before);
  });
});

/** Terminals that a process has open; none of a process that is gone. */
async function terminalsOf(pid: number): Promise<string[]> {
  await readFile(`/proc/${pid}/cmdline`);
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all(
    (await readdir(folder)).map((fd) => readlink(`${folder}/${fd}`).catch(() => "")),
  );
  return links.filter((link) => link.startsWith("/dev/pts/") || link === "/dev/tty");
}
