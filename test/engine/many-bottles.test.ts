/** Many bottles of one agent on one engine: started in one moment, stopped by one command, and nothing of them left. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { listNetworks } from "../../src/engine/networks.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { ensureFakeClaude } from "../support/fake-claude.ts";
import { listLeft, makeSessionWorld, runCommand, spawnCommand } from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";

setDefaultTimeout(240_000);
const count = 8;
const found = await engineForTests();

describe.skipIf(typeof found === "string")("many bottles", () => {
  let run: TestRun;
  let world: SessionWorld;

  beforeAll(async () => {
    run = beginTestRun(found as Engine);
    world = await makeSessionWorld(run, await ensureFakeClaude(run.engine), "runc");
  });

  afterAll(async () => {
    await runCommand(world, ["stop", "--all"]);
    await run.end();
    await world.remove();
  });

  test("start in one moment from one agent, each with networks of its own, and stop together", async () => {
    const starts = Array.from({ length: count }, () =>
      spawnCommand(world, ["start", "hello", "--yes", "--detach"]),
    );
    const outcomes = await Promise.all(
      starts.map(async (child) => ({
        name: (await new Response(child.stdout).text()).trim(),
        complaint: await new Response(child.stderr).text(),
        exitCode: await child.exited,
      })),
    );
    expect(outcomes.filter((one) => one.exitCode !== 0)).toEqual([]);
    const names = outcomes.map((one) => one.name).toSorted();
    expect(new Set(names).size).toBe(count);

    const listed = JSON.parse((await runCommand(world, ["list", "--json"])).stdout) as { name: string }[];
    expect(
      listed
        .map((one) => one.name)
        .filter((name) => names.includes(name))
        .toSorted(),
    ).toEqual(names);
    const labels = Object.entries(run.labels).map(([key, value]) => `${key}=${value}`);
    const subnets = (await listNetworks(run.engine, labels)).flatMap((network) => network.subnets);
    expect(subnets.filter((subnet) => subnet.endsWith("/29"))).toHaveLength(2 * count);
    expect(new Set(subnets).size).toBe(2 * count);

    const stopped = await runCommand(world, ["stop", "--all"]);
    expect(stopped.exitCode).toBe(0);
    for (const name of names) expect(stopped.stderr).toContain(`Stopped ${name}`);
    expect(await listLeft(run.engine, run)).toEqual([]);
  });
});
