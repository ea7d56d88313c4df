import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { inspectContainer } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { launchEgressBottle, makeBottles } from "../support/egress-bottle.ts";
import type { EgressBottle } from "../support/egress-bottle.ts";
import { awaitListening, connectScript, echoServer, tunnelScript } from "../support/egress-probe.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { failureOf } from "../support/failure.ts";
import { waitUntil } from "../support/launcher.ts";
import { openExec } from "../support/open-exec.ts";
import { listRuntimes } from "../support/runtime-choice.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;
const runtimes = typeof found === "string" ? (["runc"] as const) : await listRuntimes(engine);

/** Counts for as long as it runs, and starts a program for each step: what is started while others are stopped must be stopped too */
const counter = [
  "sh",
  "-c",
  'echo counting; n=0; while :; do n=$((n + 1)); echo "$n" >/tmp/next; mv /tmp/next /tmp/count; done',
];
/** Ends every program that somebody starts beside it, but for those that were there before */
const killer = `
const fs = require("fs");
const list = () => fs.readdirSync("/proc").filter((one) => /^\\d+$/.test(one));
const known = new Set(list());
console.log("watching");
for (;;) for (const one of list()) {
  if (known.has(one)) continue;
  try { process.kill(Number(one), "SIGKILL"); } catch {}
}`;

describe.skipIf(typeof found === "string").each([...runtimes])("a frozen bottle, under %s", (runtime) => {
  let run: TestRun;
  let one: EgressBottle;

  beforeAll(async () => {
    run = beginTestRun(engine);
    one = await launchEgressBottle(run, { private: ["granted.test"], runtime });
    await awaitListening(engine, await one.addServer("granted.test", { Cmd: echoServer }));
  });
  afterAll(async () => {
    await one.bottle.destroy();
    await run.end();
  });

  const other = async () => makeBottles(run, await imageForTests(engine));
  const ask = async () => (await one.run(connectScript("granted.test", 443))).stdout.trim();
  const count = async () => Number((await one.run(["cat", "/tmp/count"])).stdout);
  const isFrozen = async () => (await (await other()).readDetails(one.plan.session)).isFrozen;

  test("stands still, talks to nobody, and can be looked at; thawed, it goes on", async () => {
    const agent = await one.container("agent");
    const tunnel = await openExec(engine, agent, tunnelScript("granted.test"));
    expect(await tunnel.nextLine()).toBe("hello");
    expect(await (await openExec(engine, agent, counter)).nextLine()).toBe("counting");
    await waitUntil(async () => (await count()) > 1, "it counts");
    const bottles = await other();
    expect(await isFrozen()).toBe(false);
    expect(await bottles.freeze(one.plan.session)).toEqual({
      bottle: one.plan.bottleName,
      takesCommands: true,
    });
    const before = await count();
    // What is looked with reaches nobody either
    expect(["ECONNRESET", "closed"]).toContain(await ask());
    expect(await count()).toBe(before);
    expect(await isFrozen()).toBe(true);
    // Frozen twice it is as frozen
    await bottles.freeze(one.plan.session);
    expect(await count()).toBe(before);
    // The control: the same two move and reach somebody once it is thawed
    expect(await bottles.thaw(one.plan.session)).toBe(one.plan.bottleName);
    await waitUntil(async () => (await count()) > before, "it goes on");
    expect(await ask()).toBe("200");
    expect(await tunnel.nextLine()).toBe("cut");
    expect(await isFrozen()).toBe(false);
    await bottles.thaw(one.plan.session);
  });

  test("still ends with its launcher: what is to end it runs again", async () => {
    const bottles = await other();
    await bottles.freeze(one.plan.session);
    const states = async () => {
      const script =
        "for one in $(grep -ls 'read -r _' /proc/[0-9]*/cmdline); do grep -hs ^State ${one%cmdline}status; done";
      return (await one.run(["sh", "-c", script])).stdout;
    };
    await waitUntil(async () => /State:\s+S/.test(await states()), "it waits again");
    await bottles.thaw(one.plan.session);
  });

  test("is paused whole where its agent ends whatever is started beside it", async () => {
    const agent = await one.container("agent");
    const program = ["node", "--no-warnings", "-e", killer];
    const hostile = await openExec(engine, agent, program);
    expect(await hostile.nextLine()).toBe("watching");
    const bottles = await other();
    const { takesCommands } = await bottles.freeze(one.plan.session);
    expect(takesCommands).toBe(false);
    const { State } = await inspectContainer<{ State: { Paused: boolean; Running: boolean } }>(engine, agent);
    expect(State).toMatchObject({ Paused: true, Running: true });
    expect(await isFrozen()).toBe(true);
    expect((await bottles.list()).find((b) => b.session === one.plan.session)?.state).toBe("paused");
    expect((await failureOf(one.run(["true"]))).message).toContain("paused");
    // Ended, it leaves nothing behind
    await bottles.endAgent(one.plan.session);
    const isThere = async () =>
      (await bottles.list()).some((b) => b.session === one.plan.session && b.state !== "exited");
    await waitUntil(async () => !(await isThere()), "it has ended");
  });
});
