/** That the default image has what the plan takes for granted of it, so that nobody is told of a hook that it can run. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { imagePrograms } from "../../src/plan/image-programs.ts";
import { ensureAgentImage } from "../support/agent-image.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { runInImage } from "../support/run-in-image.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;

describe.skipIf(typeof found === "string")("the default image", () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test("has every program that the plan says nothing about, and not one that it warns of", async () => {
    const programs = `${imagePrograms} ruby`;
    const script = `for one in ${programs}; do command -v $one >/dev/null || echo $one; done`;
    expect(await runInImage(run, await ensureAgentImage(engine), script)).toBe("ruby\n");
  });
});
