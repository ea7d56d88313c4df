import type { GateEventBody } from "../../../../src/protocol/gate-events.ts";
import { describe, expect, test } from "bun:test";
import { makeLedger } from "../../../../src/core/secret-ledger.ts";
import { makeSecretUses } from "../../../../src/sidecar/gate/bound-uses.ts";

function setUp() {
  const events: (GateEventBody & { event: "secret" })[] = [];
  const waiting: (() => void)[] = [];
  let now = 0;
  const uses = makeSecretUses(
    (event) => event.event === "secret" && events.push(event),
    () => (now += 1_000),
    (act) => waiting.push(act),
  );
  return { events, uses, passSecond: () => waiting.splice(0).forEach((act) => act()) };
}

describe("makeSecretUses()", () => {
  test("tells the count so far each time", () => {
    const { events, uses } = setUp();
    uses.used("A", "h.example");
    uses.used("A", "h.example");
    uses.blocked("A", "h.example", "body");
    const first = "1970-01-01T00:00:01.000Z";
    expect(events).toEqual([
      { event: "secret", name: "A", host: "h.example", verdict: "used", count: 1, first },
      { event: "secret", name: "A", host: "h.example", verdict: "used", count: 2, first },
      {
        event: "secret",
        name: "A",
        host: "h.example",
        verdict: "blocked",
        where: "body",
        count: 1,
        first: "1970-01-01T00:00:02.000Z",
      },
    ]);
  });

  test("tells a flood once a second, and loses none of it", () => {
    const { events, uses, passSecond } = setUp();
    for (let round = 0; round < 10_000; round += 1) uses.used("A", "h.example");
    expect(events.length).toBeLessThan(100);
    passSecond();
    passSecond();
    expect(events.at(-1)?.count).toBe(10_000);
    const told = events.length;
    passSecond();
    expect(events.length).toBe(told);
  });

  test("tells at the end what waits for a second that does not come", () => {
    const { events, uses } = setUp();
    for (let round = 0; round < 100; round += 1) uses.used("A", "h.example");
    for (let round = 0; round < 200; round += 1) uses.blocked("A", `h${round}.example`, "connect");
    uses.settle();
    const ledger = makeLedger(events.map((event) => ({ ...event, time: "2026-01-01" })));
    expect(ledger[0]).toMatchObject({ verdict: "used", count: 100 });
    expect(ledger.length).toBe(201);
    const told = events.length;
    uses.settle();
    expect(events.length).toBe(told);
  });

  test("counts hosts beyond a limit together", () => {
    const { events, uses, passSecond } = setUp();
    for (let round = 0; round < 1_000; round += 1) uses.blocked("A", `h${round}.example`, "connect");
    for (let round = 0; round < 20; round += 1) passSecond();
    const ledger = makeLedger(events.map((event) => ({ ...event, time: "2026-01-01" })));
    expect(ledger.length).toBeLessThan(300);
    expect(ledger.reduce((sum, use) => sum + use.count, 0)).toBe(1_000);
    expect(ledger[0]?.host).toBe("other hosts");
  });
});
