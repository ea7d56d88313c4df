import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readlink } from "node:fs/promises";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { findReaper } from "../support/find-reaper.ts";
import { readJournal } from "../support/launcher.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { listLeft, makeCommand, makeSessionWorld } from "../support/scripted-session.ts";
import { openPty } from "../support/session/pty.ts";

setDefaultTimeout(90_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);

/** Draws its size whenever it is told that this has changed, and ends when something is typed */
const script =
  "drawn=0; trap 'drawn=$((drawn + 1)); echo drawn $drawn at $(stty size)' WINCH; echo up; while ! read -r -t 0.2 word; do :; done; echo word $word";

describe.skipIf(image === undefined)("a machine that sleeps", () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test("loses no session: launcher and reaper go on, the terminal is raw again, and claude draws anew", async () => {
    const world = await makeSessionWorld(run, image ?? "", "runc");
    const pty = openPty(makeCommand(world, ["start", "hello", "--yes", "--", "-c", script]), {
      cwd: world.workspace,
      env: { ...world.env, TERM: "xterm" },
      columns: 90,
      rows: 40,
    });
    await pty.waitFor(/^up$/m);
    const terminal = await readlink(`/proc/${pty.pid}/fd/0`);
    const settings = () => Bun.$`stty -a < ${terminal}`.text();
    expect(await settings()).toContain("-icanon");
    const [entry] = await readJournal(world);
    const launcher = entry?.owner.pid ?? 0;
    const reaper = await findReaper(launcher);
    const drawn = countDrawn(pty.screen());
    const both = [launcher, reaper];
    for (const pid of both) process.kill(pid, "SIGSTOP");
    // Whoever had the terminal meanwhile leaves it as shells do
    await Bun.$`stty sane < ${terminal}`.quiet();
    await Bun.sleep(3_000);
    expect(await settings()).not.toContain("-icanon");
    expect((await listLeft(engine, run)).length).toBeGreaterThan(0);
    expect(countDrawn(pty.screen())).toBe(drawn);
    for (const pid of both.toReversed()) process.kill(pid, "SIGCONT");
    await pty.waitFor(`drawn ${drawn + 2} at 40 90`);
    expect(pty.screen()).toContain(`drawn ${drawn + 1} at 39 90`);
    expect(await settings()).toContain("-icanon");
    expect(await settings()).toContain("-opost");
    pty.type("end\r");
    expect(await pty.exitCode).toBe(0);
    expect(pty.screen()).toContain("word end");
    expect(await listLeft(engine, run)).toEqual([]);
    await world.remove();
  });
});

function countDrawn(screen: string): number {
  return screen.match(/drawn \d+ at/g)?.length ?? 0;
}
