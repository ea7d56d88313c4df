import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import type { RuntimeChoice } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { listLeft, makeSessionWorld, readReceipts, runSession } from "../support/scripted-session.ts";

setDefaultTimeout(90_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = image === undefined ? (["runc"] as const) : await listRuntimes(engine);
const eat = "node -e 'const kept = []; for (;;) kept.push(Buffer.alloc(1 << 20, 1))'";

describe.skipIf(image === undefined)("the memory limit", () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  async function runLimited(runtime: RuntimeChoice, script: string) {
    const world = await makeSessionWorld(run, image ?? "", runtime);
    const manifest = {
      bottles: { b: { limits: { memory: "256m" } } },
      agents: { hello: { bottle: "b", prompt: "" } },
    };
    await writeFile(join(world.home, "claude-bottle.json"), JSON.stringify(manifest));
    const result = await runSession(world, script);
    const [receipt] = await readReceipts(world);
    expect(await listLeft(engine, run)).toEqual([]);
    await world.remove();
    return { ...result, receipt };
  }

  test.each([...runtimes])(
    "is told when it ends claude under %s, and what was written is back",
    async (runtime) => {
      const { exitCode, stderr, receipt } = await runLimited(runtime, `echo work > work.txt; exec ${eat}`);
      const note = "Claude was ended by the memory limit of 256 MiB; raise limits.memory in the manifest";
      expect(exitCode).toBe(137);
      expect(stderr).toContain(note);
      expect(receipt).toMatchObject({ end: "ended", exitCode: 137, note, files: ["changes.patch"] });
    },
  );

  // Under gVisor the program's parent does not learn of its end, so that no script could go on
  test("is told when it ends a program of claude's, and claude goes on", async () => {
    const { exitCode, stdout, stderr } = await runLimited("runc", `${eat}; echo "ended with $?"; exit 3`);
    expect(stdout).toBe("ended with 137\n");
    expect(exitCode).toBe(3);
    expect(stderr).toContain("A program in the bottle was ended by the memory limit of 256 MiB");
  });

  test("is not blamed for an end by the same signal that has another reason", async () => {
    const { exitCode, stderr } = await runLimited("runc", "kill -KILL $$");
    expect(exitCode).toBe(137);
    expect(stderr).not.toContain("memory limit");
  });
});
