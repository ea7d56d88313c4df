/** A run where no home folder can be written, as in images and CI. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { listLeft, makeSessionWorld, runCommand } from "../support/scripted-session.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;

describe.skipIf(typeof found === "string")("without a home folder that can be written", () => {
  let run: TestRun;

  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test("a run keeps its state in a temporary folder, says so once, and the next command finds it", async () => {
    const world = await makeSessionWorld(run, await ensureScriptedClaude(engine), "runc");
    // Root may write anywhere but below a file
    const home = join(world.home, "nobody");
    await mkdir(home);
    await writeFile(join(home, ".local"), "");
    const manifest = { bottles: { b: {} }, agents: { hello: { bottle: "b" } } };
    await writeFile(join(home, "claude-bottle.json"), JSON.stringify(manifest));
    const place = { ...world, env: { ...world.env, HOME: home, TMPDIR: world.home } };
    const words = ["start", "hello", "--cwd", "--yes", "--", "-c", "echo work > work.txt; echo ran"];
    const { stdout, stderr, exitCode } = await runCommand(place, words);
    const state = join(world.home, `claude-bottle-${process.getuid?.()}`);
    const note = `The home folder cannot be written, so records of sessions are in ${state}.`;
    expect([exitCode, stdout]).toEqual([0, "ran\n"]);
    expect(stderr.split("\n").filter((line) => line === note)).toHaveLength(1);
    const sessions = JSON.parse((await runCommand(place, ["sessions", "--json"])).stdout);
    expect(sessions).toEqual([expect.objectContaining({ agent: "hello", end: "ended" })]);
    expect(await readdir(join(state, "claude-bottle/journal"))).toEqual([]);
    // Approved before, and known to be
    expect((await runCommand(place, words)).stderr).toContain("unchanged since you approved it");
    expect(await listLeft(engine, run)).toEqual([]);
    await world.remove();
  });
});
