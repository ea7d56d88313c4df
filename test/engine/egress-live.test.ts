import type { EgressRecord } from "../../src/protocol/egress-record.ts";
import { pickBottle } from "../../src/bottle/pick-bottle.ts";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { launchEgressBottle, makeBottles } from "../support/egress-bottle.ts";
import type { EgressBottle } from "../support/egress-bottle.ts";
import { awaitListening, connectScript, echoServer, tunnelScript } from "../support/egress-probe.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { failureOf } from "../support/failure.ts";
import { openExec } from "../support/open-exec.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;
let run: TestRun;

describe.skipIf(typeof found === "string")("a running bottle with the gate alone", () => {
  let one: EgressBottle;

  beforeAll(async () => {
    run = beginTestRun(engine);
    one = await launchEgressBottle(run, { private: ["granted.test"] });
    const servers = ["granted.test", "later.test"].map((name) => one.addServer(name, { Cmd: echoServer }));
    for (const id of await Promise.all(servers)) await awaitListening(engine, id);
  });
  afterAll(async () => {
    await one.bottle.destroy();
    await run.end();
  });

  const ask = async (host: string, port = 443) => (await one.run(connectScript(host, port))).stdout.trim();
  const name = () => one.plan.bottleName;
  const session = () => one.plan.session;

  test("is allowed and denied a host by another process, at once", async () => {
    expect(await ask("later.test")).toBe("not-allowed");
    const allowed = await (
      await other()
    ).allow({
      session: session(),
      host: "later.test",
      isPrivate: true,
      forMs: undefined,
    });
    expect(allowed).toMatchObject({ pairs: ["later.test:443"], manifestBottle: "egress", until: undefined });
    expect(await ask("later.test")).toBe("200");
    expect(await ask("later.test", 22)).toBe("wrong-port");
    await (await other()).deny({ session: session(), host: "later.test" });
    expect(await ask("later.test")).toBe("not-allowed");
    expect(await ask("granted.test")).toBe("200");
  });

  test("keeps its launcher's stdin: a change comes after the first client is gone", async () => {
    const bottles = await other();
    for (const host of ["a.test", "b.test", "c.test"]) {
      await bottles.allow({ session: session(), host, isPrivate: false, forMs: undefined });
      expect(await ask(host)).toBe("unreachable");
    }
  });

  test("has a tunnel cut that was open to a denied host, and no other", async () => {
    const kept = await openExec(engine, await one.container("agent"), tunnelScript("granted.test"));
    expect(await kept.nextLine()).toBe("hello");
    const bottles = await other();
    await bottles.allow({ session: session(), host: "later.test", isPrivate: true, forMs: undefined });
    const cut = await openExec(engine, await one.container("agent"), tunnelScript("later.test"));
    expect(await cut.nextLine()).toBe("hello");
    await bottles.deny({ session: session(), host: "later.test" });
    expect(await cut.nextLine()).toBe("cut");
    // The control: a tunnel to a host that is still allowed stays
    expect(await Promise.race([kept.nextLine(), ask("granted.test")])).toBe("200");
    kept.end();
  });

  test("loses a timed grant by itself, with what is open to it", async () => {
    const bottles = await other();
    const allowed = await bottles.allow({
      session: session(),
      host: "later.test",
      isPrivate: true,
      forMs: 3_000,
    });
    expect(allowed.until).toMatch(/^\d{4}-/);
    const cut = await openExec(engine, await one.container("agent"), tunnelScript("later.test"));
    expect(await cut.nextLine()).toBe("hello");
    expect(await cut.nextLine()).toBe("cut");
    expect(await ask("later.test")).toBe("not-allowed");
  });

  test("is found by the beginning of its name, and a slip gets a suggestion", async () => {
    const bottles = await other();
    const running = await bottles.list();
    const short = pickBottle(running, name().slice(0, -2));
    const outcome = await bottles.allow({
      session: short.session,
      host: "x.test",
      isPrivate: false,
      forMs: undefined,
    });
    expect(outcome.bottle).toBe(name());
    const error = await failureOf(Promise.try(() => pickBottle(running, `${name().slice(0, -1)}_`)));
    expect(error).toMatchObject({ code: "usage", hint: expect.stringContaining(name()) });
  });

  test("shows what it reached and what it was refused, in order, without a credential", async () => {
    await ask("ghp_abcdefghijklmnopqrstuvwxyz0123456789.evil.test");
    const records = await collect(
      (await other()).readEgress({ session: session(), isFollowing: false, signal }),
    );
    expect(records).toContainEqual(
      expect.objectContaining({
        kind: "attempt",
        verdict: "refused",
        host: "later.test",
        code: "not-allowed",
      }),
    );
    expect(records).toContainEqual(
      expect.objectContaining({ kind: "closed", host: "later.test", sentBytes: expect.any(Number) }),
    );
    expect(records).toContainEqual(
      expect.objectContaining({ kind: "policy", reason: "denied its time is over" }),
    );
    expect(records.map((record) => record.time)).toEqual(records.map((record) => record.time).toSorted());
    expect(JSON.stringify(records)).not.toContain("ghp_");
    expect(JSON.stringify(records)).toContain("evil.test");
  });

  test("can be followed until the signal", async () => {
    const controller = new AbortController();
    const following = (await other()).readEgress({
      session: session(),
      isFollowing: true,
      signal: controller.signal,
    });
    const seen = (async () => {
      for await (const record of following) if (record.host === "followed.test") return record;
      return undefined;
    })();
    await ask("followed.test");
    expect(await seen).toMatchObject({ verdict: "refused", host: "followed.test" });
    controller.abort();
  });
});

const other = async () => makeBottles(run, await imageForTests(engine));

const { signal } = new AbortController();

async function collect(records: AsyncIterable<EgressRecord>): Promise<EgressRecord[]> {
  const all: EgressRecord[] = [];
  for await (const record of records) all.push(record);
  return all;
}
