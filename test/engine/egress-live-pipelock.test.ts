import type { Bottles } from "../../src/bottle/bottles.ts";
import { makePart } from "../../src/bottle/docker/part.ts";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readPipelockConfig } from "../../src/bottle/filter/pipelock-control.ts";
import { inspectContainer, readLogs } from "../../src/engine/containers.ts";
import { putArchive } from "../../src/engine/put-archive.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { makeTar } from "../../src/archive/small-tar.ts";
import { readListedHosts } from "../../src/plan/live-config.ts";
import { readFrames } from "../support/container-output.ts";
import { launchEgressBottle, makeBottles } from "../support/egress-bottle.ts";
import type { EgressBottle } from "../support/egress-bottle.ts";
import { awaitListening, connectScript, echoServer } from "../support/egress-probe.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { failureOf } from "../support/failure.ts";
import { filterForTests } from "../support/pipelock-image.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;

describe.skipIf(typeof found === "string")("a running bottle with pipelock", () => {
  let run: TestRun;
  let one: EgressBottle;
  let bottles: Bottles;
  let pipelock: string;

  beforeAll(async () => {
    run = beginTestRun(engine);
    const pipelockImage = await filterForTests(engine);
    one = await launchEgressBottle(run, { private: ["granted.test"], pipelockImage });
    bottles = makeBottles(run, await imageForTests(engine));
    pipelock = await one.container("pipelock");
    const servers = ["granted.test", "later.test"].map((name) => one.addServer(name, { Cmd: echoServer }));
    for (const id of await Promise.all(servers)) await awaitListening(engine, id);
  });
  afterAll(async () => {
    await one.bottle.destroy();
    await run.end();
  });

  const ask = async (host: string, port = 443) => (await one.run(connectScript(host, port))).stdout.trim();
  const request = (host: string, isPrivate = false) => ({
    session: one.plan.session,
    host,
    isPrivate,
    forMs: undefined,
  });
  const listed = async () =>
    readListedHosts(
      await readPipelockConfig(makePart(engine, pipelock, { role: "pipelock", isRunning: true })),
    );
  const startedAt = async () =>
    (await inspectContainer<{ State: { StartedAt: string } }>(engine, pipelock)).State.StartedAt;

  test("is allowed a host by a reload, which both have confirmed", async () => {
    const before = await startedAt();
    expect(await ask("granted.test")).toBe("200");
    expect(await ask("later.test")).toBe("not-allowed");
    const outcome = await bottles.allow(request("later.test"));
    expect(outcome.notes).toEqual([]);
    expect(await listed()).toContain("later.test");
    // pipelock knows the host now, resolves it, and finds a private address that nobody granted
    expect(await ask("later.test")).toBe("private-address");
    expect(await startedAt()).toBe(before);
    expect((await readFrames(readLogs(engine, pipelock, { follow: false }))).stdout).toContain(
      "config_reload",
    );
  });

  test("is allowed a private host by a restart, and told so", async () => {
    const before = await startedAt();
    const outcome = await bottles.allow(request("later.test", true));
    expect(outcome.notes.join()).toContain("was restarted");
    expect(await startedAt()).not.toBe(before);
    expect(await ask("later.test")).toBe("200");
    expect(await ask("granted.test")).toBe("200");
  });

  test("and the restart leaves nothing in its log that reads like a refusal", async () => {
    const { stdout, stderr } = await readFrames(readLogs(engine, pipelock, { follow: false }));
    expect(stdout.match(/"event":"startup"/g)).toHaveLength(2);
    expect(stdout + stderr).not.toContain("rejected");
    expect(stderr).not.toContain("WARNING");
  });

  test("has a limit of memory at which its collector begins, below that of its container", async () => {
    const { Config, HostConfig } = await inspectContainer<{
      Config: { Env: string[] };
      HostConfig: { Memory: number };
    }>(engine, pipelock);
    const [, mebibytes] = /GOMEMLIMIT=(\d+)MiB/.exec(Config.Env.join()) ?? [];
    expect(Number(mebibytes) * 1024 * 1024).toBeLessThan(HostConfig.Memory * 0.8);
    expect(Number(mebibytes)).toBeGreaterThan(300);
  });

  test("is denied a host at gate and pipelock, and by the gate first", async () => {
    await bottles.deny(request("later.test"));
    expect(await ask("later.test")).toBe("not-allowed");
    expect(await listed()).toEqual(["api.anthropic.com", "granted.test"]);
  });

  test("keeps every host of changes made at the same time", async () => {
    const hosts = ["a.test", "b.test", "c.test"];
    await Promise.all(hosts.map((host) => bottles.allow(request(host))));
    expect(await listed()).toEqual([...hosts, "api.anthropic.com", "granted.test"].toSorted());
    for (const host of hosts) expect(await ask(host)).toBe("unreachable");
    await Promise.all(hosts.map((host) => bottles.deny(request(host))));
    expect(await listed()).toEqual(["api.anthropic.com", "granted.test"]);
  });

  test("stays closed when pipelock does not take the configuration", async () => {
    const current = await readPipelockConfig(
      makePart(engine, pipelock, { role: "pipelock", isRunning: true }),
    );
    const broken = JSON.stringify({ ...JSON.parse(current.replaceAll(/^#.*$/gm, "")), unknown: 1 });
    const tar = await makeTar([{ path: "pipelock.yaml", mode: 0o444, content: broken }]);
    await putArchive(engine, pipelock, "/etc/pipelock", tar);
    const error = await failureOf(bottles.allow({ ...request("d.test"), session: "nosuch" }));
    expect(error).toMatchObject({ code: "session" });
    const refused = await failureOf(bottles.allow(request("d.test")));
    expect(refused).toMatchObject({ code: "sidecar", message: expect.stringContaining("does not confirm") });
    expect(await ask("d.test")).toBe("not-allowed");
    const back = await makeTar([{ path: "pipelock.yaml", mode: 0o444, content: current }]);
    await putArchive(engine, pipelock, "/etc/pipelock", back);
    // The positive control: the same request on a sound file
    await bottles.allow(request("d.test"));
    expect(await ask("d.test")).toBe("unreachable");
  });
});
