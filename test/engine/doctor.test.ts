import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { tryTool } from "../../scripts/lib/run-tool.ts";
import type { CheckResult } from "../../src/bottle/diagnosis.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { listContainers } from "../../src/engine/containers.ts";
import { checkIsolation } from "../../src/bottle/doctor/bottle-checks.ts";
import { makeNames } from "../../src/bottle/docker/labels.ts";
import type { Patient } from "../../src/bottle/doctor/bottle-checks.ts";
import { givenImage, platformOn, verifyBottle } from "../support/docker-platform.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import { launchContextForTests } from "../support/verify-bottle.ts";
import { weakenEngine } from "../support/weakened-engine.ts";
import { putFiles, aFolder } from "../support/temporary.ts";

setDefaultTimeout(180_000);
const found = await engineForTests();
const engine = found as Engine;
const main = new URL("../../src/main.ts", import.meta.url).pathname;

/** The command as people run it, on the engine of the environment, with a home of its own; nothing is mended. */
async function runDoctor(label: string, ...words: string[]) {
  const home = await aFolder();
  await putFiles(home, {
    "claude-bottle.json": '{ "bottles": { "b": {} }, "agents": { "a": { "bottle": "b" } } }',
  });
  return tryTool([process.execPath, main, "doctor", ...words], {
    cwd: home,
    env: {
      ...(process.env as Record<string, string>),
      HOME: home,
      CLAUDE_BOTTLE_OAUTH_TOKEN: "canary-of-the-doctor",
      CLAUDE_BOTTLE_EGRESS: "builtin",
      CLAUDE_BOTTLE_LABELS: `claude-bottle.test-run=${label}`,
    },
  });
}

describe.skipIf(typeof found === "string")("claude-bottle doctor", () => {
  test("finds a sound machine sound, starts a bottle to know it, and leaves nothing", async () => {
    const label = crypto.randomUUID();
    const { stdout, stderr, exitCode } = await runDoctor(label, "--json");
    const results = JSON.parse(stdout) as CheckResult[];
    expect(results.filter((one) => one.verdict === "broken")).toEqual([]);
    expect(exitCode).toBe(0);
    const verdicts = new Map(results.map((one) => [one.name, one.verdict]));
    for (const name of ["engine", "limits", "addresses", "builder", "manifest", "token"])
      expect([name, verdicts.get(name)]).toEqual([name, "ok"]);
    // Only where the image is there already: without --fix nothing is built
    if (verdicts.get("image") === "ok") expect(verdicts.get("isolation")).toBe("ok");
    else expect(verdicts.get("isolation")).toBe("skipped");
    expect(stdout + stderr).not.toContain("canary-of-the-doctor");
    expect(await listContainers(engine, [`claude-bottle.test-run=${label}`])).toEqual([]);
  });

  test.each([
    // The control: with nothing taken away it is sound
    [[], "ok", /each closed/],
    [["host-address"], "broken", /: leak \(/],
    [["sibling"], "broken", /: leak \(/],
  ] as const)(
    "with %j taken away from a bottle calls its isolation %s",
    async (weaknesses, verdict, words) => {
      const run = beginTestRun(engine);
      try {
        const { options, context } = await launchContextForTests(run, "runc");
        const image = await imageForTests(engine);
        const patient: Patient = {
          platform: platformOn(engine),
          settings: givenImage(image),
          request: {
            image: { dockerfile: undefined },
            withProbe: (work) => work(options),
          } as Patient["request"],
          verify: (probe) =>
            verifyBottle(weakenEngine(engine, makeNames(options.plan).stem, weaknesses), probe, context),
        };
        const result = await checkIsolation(patient);
        expect(result.verdict).toBe(verdict);
        expect(result.detail).toMatch(words);
        expect(result.remedy === undefined).toBe(verdict === "ok");
      } finally {
        await run.end();
      }
    },
  );
});
