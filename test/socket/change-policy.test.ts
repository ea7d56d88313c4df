/** What becomes of a running bottle's policy, step by step, where the gate or its filter does not do what it is asked. */
import type { GateDestination } from "../../src/protocol/gate-destination.ts";
import { describe, expect, test } from "bun:test";
import { failureOf } from "../support/failure.ts";
import { allow, deny, startSidecar, tls } from "../support/policy-sidecar.ts";

describe("allowing a host", () => {
  test("goes from the inside out: the filter knows it before the gate lets anything through", async () => {
    await using sidecar = await startSidecar({ destinations: [tls("a.test")] });
    expect(await allow(sidecar, "b.test")).toEqual({
      bottle: "b",
      manifestBottle: "dev",
      pairs: ["b.test:443"],
      until: undefined,
      notes: [],
    });
    expect(sidecar.acts).toEqual(["written a.test,b.test", "allow b.test:443"]);
  });

  test("on another port, by another protocol, says who can use it", async () => {
    await using sidecar = await startSidecar({ destinations: [tls("a.test")] });
    const { pairs, notes } = await allow(sidecar, "db.test", { port: 5432, protocol: "tcp" });
    expect([pairs, notes]).toEqual([["db.test:5432"], [expect.stringContaining("from the next start on")]]);
    expect((await allow(sidecar, "m.test", { port: 80, protocol: "http" })).notes).toEqual([]);
    expect(sidecar.acts).toEqual([
      "written a.test,db.test",
      "allow db.test:5432",
      "written a.test,m.test",
      "allow m.test:80",
    ]);
  });

  test("for a time says until when", async () => {
    await using sidecar = await startSidecar();
    expect((await allow(sidecar, "b.test", { forMs: 5 }, false)).until).toBe("in 5");
    expect(sidecar.acts).toEqual(["allow b.test:443"]);
  });

  test("that leads to a private address starts the filter again, and says that this cut what was open", async () => {
    await using sidecar = await startSidecar({ destinations: [tls("a.test")] });
    const { notes } = await allow(sidecar, "b.test", { isPrivate: true });
    expect(notes.join()).toContain("open connections were closed");
    expect(sidecar.acts).toEqual(["stopped", "written a.test,b.test", "started", "allow b.test:443"]);
  });

  test("that is granted already changes whether it may be private, and lists it once", async () => {
    await using sidecar = await startSidecar({ destinations: [tls("a.test", true), tls("b.test")] });
    await allow(sidecar, "a.test");
    expect(sidecar.acts).toEqual(["written a.test,b.test", "allow a.test:443"]);
  });

  test("is refused before anything is touched where its port is another protocol's", async () => {
    const ssh = { ...tls("a.test"), protocol: "ssh" } as GateDestination;
    await using sidecar = await startSidecar({ destinations: [ssh, { ...ssh, host: "b.test", port: 22 }] });
    const { message } = await failureOf(allow(sidecar, "a.test"));
    expect(message).toBe("Cannot allow a.test:443: the bottle's manifest allows that port for ssh");
    expect(sidecar.acts).toEqual([]);
    // The same host on another port is none of its business
    await allow(sidecar, "b.test", {}, false);
    expect(sidecar.acts).toEqual(["allow b.test:443"]);
  });

  test("the gate refuses is taken back from gate and filter, and only the refusal is told", async () => {
    await using sidecar = await startSidecar({
      destinations: [tls("a.test")],
      rejects: { allow: "no\u001b[2J" },
    });
    const error = await failureOf(allow(sidecar, "b.test"));
    expect(error.message).toBe("Cannot change the policy: the gate refuses it: no\\x1b[2J");
    expect(error.details).toEqual([]);
    // Where all was taken back there is nothing to doubt
    expect(error.hint).toStartWith("Nothing has changed");
    expect(sidecar.acts).toEqual([
      "written a.test,b.test",
      "allow b.test:443",
      "deny b.test:443",
      "written a.test",
    ]);
    expect(sidecar.hosts()).toEqual(["a.test"]);
  });

  test("whose taking back fails too says what is left where", async () => {
    await using sidecar = await startSidecar({ rejects: { allow: "no", deny: "never" } });
    const error = await failureOf(allow(sidecar, "b.test", {}, false));
    expect(error.message).toContain("the gate refuses it: no");
    expect(error.details).toEqual([
      "Undoing it failed too: Cannot change the policy: the gate refuses it: never",
    ]);
    expect(error.hint).toContain("end the session if in doubt");
  });

  test("the filter refuses never comes to the gate, and the old list is put back", async () => {
    await using sidecar = await startSidecar({ destinations: [tls("a.test")], refusedWrites: [1] });
    const error = await failureOf(allow(sidecar, "b.test"));
    expect(error.message).toContain("pipelock does not confirm the new configuration");
    expect(error.details).toEqual([]);
    expect(sidecar.acts).toEqual(["not written a.test,b.test", "written a.test"]);
  });

  test("the filter refuses twice says what it complained of last, and that the old list is not back", async () => {
    const complaints = [
      "one",
      '{"event":"tunnel_open"}',
      "",
      "two\u001b[2J",
      '{"error":"config: bad"}',
      `x${"y".repeat(400)}`,
    ];
    await using sidecar = await startSidecar({ refusedWrites: [1, 2], complaints: complaints.join("\n") });
    const { details } = await failureOf(allow(sidecar, "b.test"));
    const last = ["two\\x1b[2J", '{"error":"config: bad"}', `x${"y".repeat(299)}`];
    expect(details).toEqual([
      ...last,
      "Undoing it failed too: Cannot change the policy: pipelock does not confirm the new configuration",
    ]);
  });

  test("keeps what the filter is to reach for the sidecar alone", async () => {
    await using sidecar = await startSidecar({ apiHost: "api.test" });
    await allow(sidecar, "b.test");
    expect(sidecar.hosts()).toEqual(["api.test", "b.test"]);
  });

  test("of a filter whose file is gone changes nothing", async () => {
    await using sidecar = await startSidecar({ hasNoFile: true });
    const { message } = await failureOf(allow(sidecar, "b.test"));
    expect(message).toContain("Cannot read pipelock's configuration");
    expect(sidecar.acts).toEqual([]);
  });

  test("a filter that starts in another mode has not confirmed anything", async () => {
    await using sidecar = await startSidecar({ told: { mode: "balanced" } });
    const error = await failureOf(allow(sidecar, "b.test", { isPrivate: true }));
    expect(error.details).toContain("it runs in mode balanced");
    expect(sidecar.acts).not.toContain("allow b.test:443");
  });

  test("of a gate that ends without a word has failed", async () => {
    await using sidecar = await startSidecar({ silentAt: ["describe"] });
    const { message } = await failureOf(allow(sidecar, "b.test"));
    expect(message).toBe("Cannot change the policy: the gate did not answer");
    expect(sidecar.acts).toEqual([]);
  });
});

describe("denying a host", () => {
  test("on one port leaves its other ports as they are", async () => {
    const db: GateDestination = { ...tls("a.test"), port: 5432, protocol: "tcp" };
    await using sidecar = await startSidecar({ destinations: [tls("a.test"), db] });
    expect((await deny(sidecar, "a.test", true, 5432)).pairs).toEqual(["a.test:5432"]);
    expect(sidecar.acts).toContain("deny a.test:5432");
    expect(sidecar.acts).not.toContain("deny a.test:443");
  });

  const destinations = [
    tls("a.test"),
    { ...tls("a.test"), port: 22, protocol: "ssh" } as GateDestination,
    tls("*.b.test"),
    tls("x.c.test"),
    tls("d.test"),
  ];

  test("takes every port of it from the gate, lowest first, and then from the filter's list", async () => {
    await using sidecar = await startSidecar({ destinations });
    const { pairs, notes } = await deny(sidecar, "a.test");
    expect([pairs, notes]).toEqual([["a.test:22", "a.test:443"], []]);
    expect(sidecar.acts).toEqual([
      "deny a.test:22",
      "deny a.test:443",
      "begin",
      "written *.b.test,d.test,x.c.test",
      "end",
    ]);
  });

  test("that the filter's list does not name leaves it as it is", async () => {
    await using sidecar = await startSidecar({ destinations: [tls("d.test")] });
    await deny(sidecar, "other.test");
    expect(sidecar.acts).toEqual(["deny other.test:443", "begin", "end"]);
  });

  test("leaves the filter the host that only the sidecar may reach", async () => {
    await using sidecar = await startSidecar({ destinations: [tls("d.test")], apiHost: "api.test" });
    await deny(sidecar, "d.test");
    expect(sidecar.hosts()).toEqual(["api.test"]);
  });

  test("lets the next one have its turn though the filter refuses", async () => {
    await using sidecar = await startSidecar({ destinations: [tls("d.test")], refusedWrites: [1] });
    const { notes } = await deny(sidecar, "d.test");
    expect(notes.join()).toContain("pipelock does not confirm the new configuration");
    expect(sidecar.acts.at(-1)).toBe("end");
  });

  test.each<[string, string[]]>([
    ["y.b.test", []],
    ["*.c.test", []],
    ["b.test", []],
    ["c.test", ["It was not allowed before; now it stays blocked."]],
    ["*.y.b.test", ["It was not allowed before; now it stays blocked."]],
  ])("%s says whether it was granted by a pattern or within one", async (host, notes) => {
    await using sidecar = await startSidecar({ destinations });
    expect((await deny(sidecar, host, false)).notes).toEqual(notes);
    expect(sidecar.acts).toEqual([`deny ${host}:443`]);
  });

  test("holds at the gate where the filter's list cannot be shortened, and says so", async () => {
    await using sidecar = await startSidecar({ destinations, rejects: { begin: "another has its turn" } });
    const { notes, pairs } = await deny(sidecar, "d.test");
    expect(pairs).toEqual(["d.test:443"]);
    expect(notes).toEqual([
      "The gate blocks it; pipelock's own list could not be shortened: Cannot change the policy: the gate refuses it: another has its turn",
    ]);
  });
});
