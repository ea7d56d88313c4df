/** That the default image has what the plan takes for granted of it, so that nobody is told of a hook that it can run. */
import { describe, expect, onTestFinished, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { imagePrograms } from "../../src/plan/image-programs.ts";
import { ensureAgentImage } from "../support/agent-image.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import { runInImage } from "../support/run-in-image.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;

interface Step {
  readonly CreatedBy: string;
  readonly Size: number;
}

describe.skipIf(typeof found === "string")("the default image", () => {
  test("has every program that the plan says nothing about, and not one that it warns of", async () => {
    const run = beginTestRun(engine);
    onTestFinished(() => run.end());
    const programs = `${imagePrograms} ruby`;
    const script = `for one in ${programs}; do command -v $one >/dev/null || echo $one; done`;
    expect(await runInImage(run, await ensureAgentImage(engine), script)).toBe("ruby\n");
  });

  test("has nothing in it that only its build needs", async () => {
    const run = beginTestRun(engine);
    onTestFinished(() => run.end());
    const folders = "/var/cache/apt /var/lib/apt/lists /root /tmp";
    const script = `find ${folders} -type f -size +64k; find /usr/bin -name '*lto-dump*'`;
    expect(await runInImage(run, await ensureAgentImage(engine), script)).toBe("");
  });

  test("has nothing above the layer of Claude Code, so that another version of it moves no other", async () => {
    const image = await ensureAgentImage(engine);
    const steps = await engine.json<Step[]>("GET", `/images/${image}/history`);
    const claude = steps.findIndex((step) => step.CreatedBy.includes("npm install -g"));
    // Newest first
    expect(steps.slice(0, claude).filter((step) => step.Size > 0)).toEqual([]);
    // The control: what stands below it has a weight
    expect(steps.slice(claude).filter((step) => step.Size > 1_000_000).length).toBeGreaterThan(1);
  });
});
