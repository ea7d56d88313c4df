import { expect, test } from "bun:test";
import { limitsFor, must, runOnBrought } from "../../../src/host/brought-git.ts";
import { anEnvironment, aRepository } from "../../support/temporary.ts";

test("git on what is brought says in its own last words why it failed, so that they can be printed", async () => {
  const folder = await aRepository();
  const run = { folder, env: await anEnvironment(), limits: limitsFor(0) };
  const outcome = await runOnBrought({ ...run, words: ["rev-parse", "--verify", "no\u001b[2Jsuch"] });
  expect(outcome).toMatchObject({ isFine: false, output: "" });
  expect(outcome.complaint).toStartWith("fatal: ");
  expect(outcome.complaint).not.toContain("\u001b");
  await expect(must({ ...run, words: ["rev-parse", "--verify", "nothing"] })).rejects.toThrow(
    /^git rev-parse failed: fatal: /,
  );
  expect((await must({ ...run, words: ["rev-parse", "--abbrev-ref", "HEAD"] })).trim()).toBe("main");
});
