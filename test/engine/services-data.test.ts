/** Services that do not come up, and data that outlives its session. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { listContainers } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { listVolumes } from "../../src/engine/volumes.ts";
import { ensureDatabaseClients, ensurePostgres, ensureRedis } from "../support/database-images.ts";
import { beginTestRun, engineForTests, labelsOf } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { ensureFakeClaude } from "../support/fake-claude.ts";
import { launchShellSession } from "../support/shell-session.ts";

setDefaultTimeout(300_000);
const found = await engineForTests();
const engine = found as Engine;

describe.skipIf(typeof found === "string")("services", () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test("one that does not come up is told with its last lines, and leaves nothing", async () => {
    const services = { db: { image: await ensurePostgres(engine), ready: ["pg_isready"] } };
    const failure = await launchShellSession(run, { services }).then(
      () => undefined,
      (error: unknown) => error as { message: string; details: string[] },
    );
    expect(failure?.message).toContain('Cannot start service "db": it ended with exit code');
    expect(failure?.details.join("\n")).toContain("POSTGRES_PASSWORD: is not set");
    expect(await listContainers(engine, labelsOf(run))).toEqual([]);
  });

  test("data that is kept is there in the next session, and for one bottle at a time", async () => {
    const image = await ensureDatabaseClients(engine, await ensureFakeClaude(engine));
    const command = ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--appendonly", "yes"];
    const services = { cache: { image: await ensureRedis(engine), command, keep: true } };
    const dataKey = run.name("data");
    const first = await launchShellSession(run, { image, services, dataKey });
    await first.say("redis-cli -h cache set key kept");
    const refused = await launchShellSession(run, { image, services, dataKey }).then(
      () => "started",
      (error: unknown) => (error as Error).message,
    );
    expect(refused).toContain(`the bottle "${first.plan.bottleName}" uses its kept data`);
    await first.bottle.destroy();
    const second = await launchShellSession(run, { image, services, dataKey });
    expect((await second.say("redis-cli -h cache get key")).output.trim()).toBe("kept");
    // It is told at the end
    await second.say("redis-cli -h cache shutdown nosave");
    const { incidents } = await second.end();
    expect(incidents).toEqual([
      expect.stringContaining("Service cache ended before the session; it said last:"),
    ]);
    await second.bottle.destroy();
    const third = await launchShellSession(run, { image, services, dataKey: run.name("other") });
    expect((await third.say("redis-cli -h cache exists key")).output.trim()).toBe("0");
    // Among whatever else is kept on this engine
    const names = new Set((await listVolumes(engine, labelsOf(run))).map(({ name }) => name));
    const findOwn = async () => (await third.bottles.findKeptData()).filter(({ name }) => names.has(name));
    const inUse = await findOwn();
    await third.bottle.destroy();
    // Two of this test: that of the first two bottles is free while the third runs
    const free = await findOwn();
    expect([inUse.length, free.length]).toEqual([1, 2]);
    expect(free.map(({ bytes }) => typeof bytes)).toEqual(["number", "number"]);
    expect(await third.bottles.removeLeftovers(free)).toEqual([]);
    expect(await findOwn()).toEqual([]);
  });
});
