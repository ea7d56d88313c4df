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

describe.skipIf(typeof found === "string")("the default image", () => {
  test("has every program that the plan says nothing about, and not one that it warns of", async () => {
    const run = beginTestRun(engine);
    onTestFinished(() => run.end());
    const programs = `${imagePrograms} ruby`;
    const script = `for one in ${programs}; do command -v $one >/dev/null || echo $one; done`;
    expect(await runInImage(run, await ensureAgentImage(engine), script)).toBe("ruby\n");
  });
});
