/** What the launcher takes from a gate and tells it, exactly at its limits and one off. */
import type { GateEvent } from "../../../../src/protocol/gate-events.ts";
import type { ByteStream } from "../../../../src/core/byte-stream.ts";
import { describe, expect, test } from "bun:test";
import { makeGateConfiguration } from "../../../../src/bottle/gate/gate-configuration.ts";
import { watchGate } from "../../../../src/bottle/gate/gate-events.ts";
import { GateMemory } from "../../../../src/bottle/gate/gate-memory.ts";
import { awaitMarker, renderEnvironment } from "../../../../src/bottle/agent/handshake.ts";
import { Secret } from "../../../../src/core/secret.ts";
import type { BottlePlan } from "../../../../src/plan/plan.ts";
import { makeProgramStream } from "../../../../src/engine/program-stream.ts";
import { failureOf } from "../../../support/failure.ts";
import { aPlan, aSource } from "../../../support/manifests.ts";
import { gigabyte, nearlyHealthy, printDoctor } from "../../../support/doctor-output.ts";

describe("a gate's memory", () => {
  const first = "1970-01-01T00:00:00.000Z";
  const secret = (host: string, count = 1): GateEvent => ({
    event: "secret",
    time: first,
    name: "A",
    host,
    verdict: "used",
    count,
    first,
  });

  test("has 2,000 notes of secrets, and goes on counting those", () => {
    const memory = new GateMemory();
    for (let host = 0; host <= 2_000; host += 1) memory.note(secret(`h${host}.test`));
    memory.note(secret("h1999.test", 7));
    const uses = memory.secrets();
    expect(uses).toHaveLength(2_000);
    expect(uses.find(({ host }) => host === "h2000.test")).toBeUndefined();
    expect(uses.find(({ host }) => host === "h1999.test")?.count).toBe(7);
  });

  test("has 1,000 pairs that were reached, and 200 that were refused", () => {
    const memory = new GateMemory();
    for (let port = 1; port <= 1_001; port += 1) {
      memory.note({ event: "attempt", time: "", host: "a.test", port, verdict: "allowed" });
      memory.note({ event: "attempt", time: "", host: "b.test", port, verdict: "refused" });
    }
    expect([memory.reached().length, memory.reached().at(-1)]).toEqual([1_000, "a.test:1000"]);
    expect(memory.refused()).toHaveLength(200);
  });

  test("knows from its answers whether the API takes the token", () => {
    const memory = new GateMemory();
    const after = (status: number) => {
      memory.note({ event: "api", time: "", method: "POST", path: "/", status });
      return memory.isTokenRefused();
    };
    expect([200, 401].map(after)).toEqual([false, true]);
    // Neither of these has looked at the token
    expect([400, 403, 404, 500, 502].map(after)).toEqual([true, true, true, true, true]);
    expect([399, 401, 200].map(after)).toEqual([false, true, false]);
  });

  test("tells a grant to the next gate up to its last millisecond", () => {
    let now = 0;
    const memory = new GateMemory(() => now);
    const until = new Date(1_000).toISOString();
    memory.note({
      event: "policy",
      time: first,
      id: "1",
      action: "allow",
      by: "user",
      host: "a.test",
      port: 443,
      protocol: "tls",
      isPrivate: false,
      until,
    });
    now = 999;
    expect(memory.replay()).toMatchObject([{ forMs: 1 }]);
    now = 999.5;
    expect(memory.replay()).toEqual([]);
  });
});

describe("what the gate is told", () => {
  const grants = {
    env: [{ name: "A", value: new Secret("canary-1"), placeholder: new Secret("PLACE") }],
    token: { kind: "oauth", value: new Secret("canary-2") },
    sshKeys: [],
  } as unknown as Parameters<typeof makeGateConfiguration>[1];
  const envOf = (hosts?: string[]) =>
    [{ kind: "literal", name: "A", source: aSource({ line: 1 }), hosts }] as unknown as BottlePlan["env"];
  const inspected = {
    host: "i.test",
    port: 443,
    protocol: "tls",
    isPrivate: false,
    isInspected: true,
    origin: { kind: "manifest", source: aSource({ line: 1 }) },
  } as const;
  const egressOf = (filter: "pipelock" | "builtin", ...destinations: (typeof inspected)[]) =>
    ({ ...aPlan().egress, filter, destinations }) as BottlePlan["egress"];

  test("has secrets and a key to open hosts with where a secret is bound to a host, and else neither", () => {
    const bound = makeGateConfiguration(aPlan({ env: envOf(["a.test"]) }), grants);
    expect(bound.secrets).toEqual([
      { name: "A", placeholder: "PLACE", value: "canary-1", hosts: ["a.test"] },
    ]);
    expect(bound.inspect?.caKey).toStartWith("-----BEGIN EC PRIVATE KEY-----\n");
    const unbound = makeGateConfiguration(aPlan({ env: envOf() }), grants);
    expect([unbound.secrets, unbound.inspect]).toEqual([undefined, undefined]);
  });

  test("has the authority's folder where pipelock opens a host, and no key then", () => {
    const plan = aPlan({ egress: egressOf("pipelock", inspected) });
    const { inspect } = makeGateConfiguration(plan, grants);
    expect(Object.keys(inspect ?? {})).toEqual(["caDirectory"]);
    const without = aPlan({ egress: egressOf("builtin", inspected) });
    expect(makeGateConfiguration(without, grants).inspect).toBeUndefined();
  });

  test("has what must not leave where the gate looks at a host, whoever filters, and a key of its own", () => {
    const looked = { ...inspected, inspect: { by: "gate", allow: ["npm-token"] } } as typeof inspected;
    for (const filter of ["pipelock", "builtin"] as const) {
      const plan = aPlan({ egress: egressOf(filter, looked), env: envOf() });
      const { destinations, own, inspect } = makeGateConfiguration(plan, grants);
      expect(destinations[0]).toMatchObject({ inspect: { allow: ["npm-token"] } });
      expect(destinations[0]).not.toHaveProperty("isInspected");
      expect(own).toEqual([
        { rule: "env:A", value: "canary-1", isInBottle: true, isSure: false },
        { rule: "token", value: "canary-2", isInBottle: false, isSure: true },
      ]);
      expect(inspect?.caKey).toStartWith("-----BEGIN EC PRIVATE KEY-----\n");
    }
    const bound = makeGateConfiguration(
      aPlan({ egress: egressOf("builtin", looked), env: envOf(["a.test"]) }),
      grants,
    );
    expect(bound.own?.[0]).toEqual({ rule: "env:A", value: "canary-1", isInBottle: false, isSure: true });
    // The control: nowhere else is anything handed over to be looked for
    expect(
      makeGateConfiguration(aPlan({ egress: egressOf("pipelock", inspected) }), grants).own,
    ).toBeUndefined();
  });

  test("has the real token where the gate holds it, in the header of its kind", () => {
    const apiOf = (differences: Partial<BottlePlan>, kind = "oauth") =>
      makeGateConfiguration(aPlan(differences), {
        ...grants,
        token: { ...grants.token, kind },
      } as typeof grants).api;
    expect(apiOf({})?.credential).toMatchObject({ header: "authorization", value: "Bearer canary-2" });
    expect(apiOf({}, "api-key")?.credential).toMatchObject({ header: "x-api-key", value: "canary-2" });
    expect(apiOf({ auth: "env" })).toBeUndefined();
  });
});

test("a gate's last six complaints are told", async () => {
  async function* frames(count: number) {
    const lines = Array.from({ length: count }, (_, index) => `line ${index}\n`);
    yield { stream: "stderr" as const, data: Buffer.from(lines.join("")) };
  }
  const after = async (count: number) => (await failureOf(watchGate(frames(count)).ready)).details;
  expect(await after(6)).toEqual([0, 1, 2, 3, 4, 5].map((index) => `line ${index}`));
  expect(await after(7)).toEqual([1, 2, 3, 4, 5, 6].map((index) => `line ${index}`));
});

describe("an agent's entry program", () => {
  const saying = (...texts: string[]) => {
    const output = (async function* () {
      for (const text of texts) yield Buffer.from(text, "latin1");
    })();
    return makeProgramStream({ output } as Partial<ByteStream> as ByteStream, true);
  };
  const ready = "\u001eclaude-bottle ready\u001e";
  const leak = "\u001eclaude-bottle leak\u001e";

  test("may be preceded by 64 KiB, and by no more", async () => {
    const stream = saying("x".repeat(64 * 1024), ready);
    expect((await awaitMarker(stream)).stream).toBe(stream);
    const failure = await failureOf(awaitMarker(saying("x".repeat(64 * 1024 + 1), ready)));
    expect(failure.message).toContain("something other than its entry program answers");
  });

  test.each(["", "before "])("that finds a wall missing says which, behind %j", async (before) => {
    const failure = await failureOf(awaitMarker(saying(`${before}${leak}the host answers\nand more\n`)));
    expect(failure.message).toBe("Cannot start the agent: the bottle is not closed: the host answers");
    expect(failure.details).toEqual(["and more"]);
  });

  test("is told values that the shell takes as they are", () => {
    const text = Buffer.from(renderEnvironment([{ name: "A", value: new Secret("it's ä") }])).toString();
    const body = "export A='it'\\''s ä'\n";
    expect(text).toBe(`${Buffer.byteLength(body)}\n${body}`);
  });
});

test.each([
  [5 * gigabyte, "ok       Disk"],
  [5 * gigabyte - 1, "warning  Disk"],
  [gigabyte, "warning  Disk"],
  [gigabyte - 1, "broken   Disk"],
])("a disk with %p bytes free is judged", async (freeBytes, line) => {
  expect(await printDoctor(nearlyHealthy(), { freeBytes })).toContain(line);
});
