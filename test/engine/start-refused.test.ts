import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { labelKeys } from "../../src/bottle/docker/labels.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { buildImage } from "../../src/engine/build-image.ts";
import { makeTar } from "../../src/archive/small-tar.ts";
import { listContainers } from "../../src/engine/containers.ts";
import { ranges } from "../../src/plan/subnets.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import type { Fault } from "../support/engine-proxy.ts";
import { waitUntil } from "../support/launcher.ts";
import { listLeft, makeSessionWorld, runSession, spawnCommand } from "../support/scripted-session.ts";
import { imageBehindProxy, runTroubled } from "../support/troubled-session.ts";

setDefaultTimeout(90_000);
const found = await engineForTests();
const engine = found as Engine;
const image = await imageBehindProxy(found);
const none: Fault = { kind: "none" };

/** In pipelock's place, as far as its first line, which says what it runs; `HASH` is that of the file it was given */
const startup = (hash: string) =>
  `printf '{"event":"startup","mode":"strict","config_hash":"%s"}\\n' "${hash}"; exec sleep 600`;
const filters = [
  ["proves another configuration", startup("0".repeat(64)), "it runs another configuration"],
  ["ends at once", "echo out of order >&2; exit 3", "it ended at once"],
] as const;

describe.skipIf(image === undefined)("a start that cannot come about", () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  /** An image whose entry point is the script. */
  async function makeFilter(script: string): Promise<string> {
    const id = createHash("sha256").update(script).digest("hex").slice(0, 8);
    const tag = `${run.name(`filter-${id}`)}:run`;
    const dockerfile = 'ARG BASE\nFROM ${BASE}\nCOPY filter /filter\nENTRYPOINT ["/bin/sh", "/filter"]\n';
    const context = await makeTar([
      { path: "Dockerfile", mode: 0o644, content: dockerfile },
      {
        path: "filter",
        mode: 0o755,
        content: `[ "$1" != version ] || { echo pipelock version 2.3.0; exit; }\n${script}\n`,
      },
    ]);
    const buildArgs = { BASE: await imageForTests(engine) };
    const request = { tag, labels: run.labels, buildArgs, context, noCache: true };
    await buildImage(engine, request, () => undefined);
    return tag;
  }

  test.each(filters)(
    "because pipelock %s: claude never runs, it is told, nothing stays",
    async (_, script, words) => {
      const env = {
        CLAUDE_BOTTLE_EGRESS: "pipelock",
        CLAUDE_BOTTLE_PIPELOCK_IMAGE: await makeFilter(script),
      };
      const outcome = await runTroubled(engine, { image: image ?? "", env }, () => none);
      expect(outcome.exitCode).not.toBe(0);
      expect(outcome.stdout).toBe("");
      expect(outcome.stderr).toContain(`error: Cannot start pipelock 2.3.0: ${words}`);
      expect(outcome.stderr).toContain("hint: Unset CLAUDE_BOTTLE_PIPELOCK_IMAGE");
      expect([outcome.left, outcome.journal]).toEqual([[], []]);
      await outcome.remove();
    },
  );

  test("because pipelock is never healthy: the agent has no claude until then, and a signal undoes it all", async () => {
    const world = await makeSessionWorld(run, image ?? "", "runc");
    // It says what it was given, and listens nowhere
    const filter = await makeFilter(startup("$(sha256sum /etc/pipelock/pipelock.yaml | cut -d ' ' -f 1)"));
    const env = {
      ...world.env,
      CLAUDE_BOTTLE_EGRESS: "pipelock",
      CLAUDE_BOTTLE_PIPELOCK_IMAGE: filter,
    };
    const child = spawnCommand({ ...world, env }, ["start", "hello", "--yes", "--", "-c", "echo ran"]);
    const output = new Response(child.stdout).text();
    const isUp = async () => {
      const labels = [
        `${labelKeys.role}=pipelock`,
        ...Object.entries(run.labels).map((pair) => pair.join("=")),
      ];
      return (await listContainers(engine, labels)).some((one) => one.State === "running");
    };
    await waitUntil(isUp, "pipelock runs");
    // Longer than a healthy one takes
    await Bun.sleep(3_000);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(143);
    expect(await output).toBe("");
    expect(await listLeft(engine, run)).toEqual([]);
    await world.remove();
  });

  test("because the engine refuses every range: told, with the ranges, and nothing stays", async () => {
    const refused: Fault = {
      kind: "refused",
      status: 403,
      message: "Pool overlaps with other one on this address space",
    };
    let tries = 0;
    const outcome = await runTroubled(engine, { image: image ?? "" }, (call) => {
      if (call.kind !== "POST /networks/create BOTTLE-internal") return none;
      tries += 1;
      return refused;
    });
    expect(tries).toBe(32);
    expect(outcome.exitCode).toBe(125);
    expect(outcome.stderr).toContain("error: Cannot find an address range for the bottle");
    for (const range of ranges) expect(outcome.stderr).toContain(range);
    expect([outcome.stdout, outcome.left, outcome.journal]).toEqual(["", [], []]);
    await outcome.remove();
  });

  test("because the image cannot be built: told, with the last lines, and nothing stays", async () => {
    const world = await makeSessionWorld(run, "", "runc");
    await writeFile(
      join(world.home, "Dockerfile"),
      "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nRUN echo went wrong; exit 7\n",
    );
    const manifest = {
      bottles: { b: { image: { dockerfile: "./Dockerfile" } } },
      agents: { hello: { bottle: "b", prompt: "" } },
    };
    await writeFile(join(world.home, "claude-bottle.json"), JSON.stringify(manifest));
    const { CLAUDE_BOTTLE_IMAGE: _, ...env } = world.env;
    const result = await runSession(
      { ...world, env: { ...env, CLAUDE_BOTTLE_BASE_IMAGE: await imageForTests(engine) } },
      "echo ran",
    );
    expect(result.stdout).toBe("");
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain("error: Cannot build");
    expect(result.stderr).toContain("went wrong");
    expect(await listLeft(engine, run)).toEqual([]);
    await world.remove();
  });
});
