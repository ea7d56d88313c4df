import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile, readdir } from "node:fs/promises";
import { launchBottle } from "../support/docker-platform.ts";
import { probeRuntime } from "../../src/bottle/docker/runtime.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { readInfo } from "../../src/engine/system.ts";
import { endContainerProcesses } from "../../src/host/container-processes.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { failureOf } from "../support/failure.ts";
import { listLeft } from "../support/scripted-session.ts";
import { launchContextForTests } from "../support/verify-bottle.ts";
import { patient } from "../support/patience.ts";

setDefaultTimeout(60_000);
const found = await engineForTests();
const engine = found as Engine;
/** gVisor with its own network stack, which does not start under every kernel; `scripts/engine` registers it */
const runtime = "runsc-netstack";
const isRegistered = typeof found !== "string" && Object.hasOwn((await readInfo(engine)).Runtimes, runtime);
if (!isRegistered)
  console.warn(`Skipping the probe of a broken gVisor: the engine has no runtime "${runtime}"`);

describe.skipIf(!isRegistered)("a gVisor that is registered and does not start", () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  async function probe(endProcesses: (id: string) => Promise<readonly string[]>) {
    const ids: string[] = [];
    const cache = { read: () => Promise.resolve(undefined), write: () => Promise.resolve() };
    const plan = await probeRuntime(engine, cache, {
      image: await imageForTests(engine),
      name: run.name(crypto.randomUUID().slice(0, 8)),
      labels: run.labels,
      runtime,
      endProcesses(id) {
        ids.push(id);
        return endProcesses(id);
      },
    });
    return { plan, id: ids[0] ?? "" };
  }

  test("is not used, which is said, and leaves no process; one that is not looked after does", async () => {
    const control = await probe(() => Promise.resolve(["runsc-sandbox (1)"]));
    // Under a kernel where it starts there is nothing to look after
    if (control.plan.name === "runsc") return;
    expect(control.plan.reason).toStartWith(
      "gVisor is registered but does not start here: Cannot start container",
    );
    expect(control.plan.reason).toEndWith("; it left processes that only root can end: runsc-sandbox (1)");
    expect((await findProcesses(control.id)).length).toBeGreaterThan(0);
    const { plan, id } = await probe(endContainerProcesses);
    expect(plan).toMatchObject({ name: undefined, state: "ready" });
    expect(plan.reason).not.toContain("it left processes");
    expect(await awaitNoProcess(id)).toEqual([]);
    // Only the id counts: what the control left is still there, and goes by its own
    expect((await findProcesses(control.id)).length).toBeGreaterThan(0);
    expect(await endContainerProcesses(control.id)).toEqual([]);
  });

  test("of an agent whose own start fails under it: told, and neither containers nor processes stay", async () => {
    const launch = async (endProcesses: (id: string) => Promise<readonly string[]>) => {
      const ids: string[] = [];
      const { options, context } = await launchContextForTests(run, "runsc");
      const error = await failureOf(
        launchBottle(engine, options, {
          ...context,
          runtime,
          endProcesses(id) {
            ids.push(id);
            return endProcesses(id);
          },
        }),
      );
      expect(error.message).toStartWith("Cannot start container");
      expect(await listLeft(engine, run)).toEqual([]);
      expect(ids).toHaveLength(1);
      return { error, id: ids[0] ?? "" };
    };
    if ((await probe(endContainerProcesses)).plan.name === "runsc") return;
    const control = await launch(() => Promise.resolve(["runsc-sandbox (1)"]));
    expect(control.error.message).toEndWith("; it left processes that only root can end: runsc-sandbox (1)");
    expect((await findProcesses(control.id)).length).toBeGreaterThan(0);
    const { error, id } = await launch(endContainerProcesses);
    expect(error.message).not.toContain("it left processes");
    expect(await awaitNoProcess(id)).toEqual([]);
    expect(await endContainerProcesses(control.id)).toEqual([]);
  });

  test("is no reason to end anything for what is no container's id", async () => {
    expect(await endContainerProcesses("")).toEqual([]);
    expect(await endContainerProcesses("runsc")).toEqual([]);
  });
});

/** What still stands when it has had time. containerd starts a shim of its own that clears up after one that was ended, and goes again. */
async function awaitNoProcess(id: string): Promise<string[]> {
  let left: string[] = [];
  for (let end = performance.now() + patient(5_000), quiet = 0; performance.now() < end && quiet < 5;) {
    left = await findProcesses(id);
    quiet = left.length === 0 ? quiet + 1 : 0;
    await Bun.sleep(100);
  }
  return left;
}

async function findProcesses(id: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (line.includes(id)) found.push(line.split("\0")[0] ?? "");
  }
  return found;
}
