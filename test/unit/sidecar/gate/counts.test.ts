import { describe, expect, test } from "bun:test";
import type { GateEventBody } from "../../../../src/protocol/gate-events.ts";
import { makeCounts } from "../../../../src/sidecar/gate/counts.ts";
import type { CountsEvent } from "../../../../src/sidecar/gate/counts.ts";

const attempt = (host: string, code?: "not-allowed" | "filter" | "unreachable"): GateEventBody => ({
  event: "attempt",
  host,
  port: 443,
  verdict: code === undefined ? "allowed" : "refused",
  ...(code && { code }),
});
const ask = (host: string, state: "open" | "allowed"): GateEventBody => ({
  event: "ask",
  id: "1",
  host,
  port: 443,
  reason: "for tests",
  state,
});

/** With a clock that stands still until a second is let go by. */
function aGate() {
  const told: CountsEvent[] = [];
  const due: (() => void)[] = [];
  const state = { hasRoom: true };
  const write = (event: CountsEvent) => {
    if (state.hasRoom) told.push(event);
    return state.hasRoom;
  };
  const schedule = (_ms: number, act: () => void) => {
    due.push(act);
    return () => undefined;
  };
  const counts = makeCounts(write, schedule, () => 0);
  return {
    counts,
    told,
    state,
    last: () => told.at(-1),
    passSecond: () => due.splice(0).forEach((act) => act()),
    note: (...events: readonly GateEventBody[]) => events.forEach((event) => counts.note(event)),
  };
}

describe("counts", () => {
  test("are told when a pair is refused for the first time, and not when it comes again", () => {
    const gate = aGate();
    gate.note(attempt("a.test", "not-allowed"), attempt("a.test", "not-allowed"));
    expect(gate.told).toEqual([{ event: "counts", refused: 1, both: [], asks: [] }]);
    gate.note(attempt("b.test", "not-allowed"), attempt("c.test"));
    expect(gate.told.map((one) => one.refused)).toEqual([1, 2]);
  });

  test("are told at most 10 times a second, and once more with the next", () => {
    const gate = aGate();
    for (let host = 0; host < 50; host += 1) gate.note(attempt(`${host}.test`, "not-allowed"));
    expect(gate.told).toHaveLength(10);
    gate.passSecond();
    expect(gate.told).toHaveLength(11);
    expect(gate.last()?.refused).toBe(50);
    // The control: nothing is new, so nothing is told
    gate.passSecond();
    expect(gate.told).toHaveLength(11);
  });

  test("are told again after 100 events of any kind", () => {
    const gate = aGate();
    for (let count = 0; count < 99; count += 1) gate.note(attempt("a.test"));
    expect(gate.told).toEqual([]);
    gate.note(attempt("a.test"));
    expect(gate.told).toHaveLength(1);
    for (let count = 0; count < 1_000; count += 1) gate.note(attempt("a.test"));
    expect(gate.told).toHaveLength(11);
  });

  test("that found no room are told with the next event", () => {
    const gate = aGate();
    gate.state.hasRoom = false;
    for (let count = 0; count < 250; count += 1) gate.note(attempt("a.test"));
    gate.state.hasRoom = true;
    gate.note(attempt("a.test"));
    expect(gate.told).toHaveLength(1);
  });

  test("name the pairs that the filter may have refused too", () => {
    const gate = aGate();
    gate.note(attempt("no.test", "not-allowed"), attempt("blocked.test", "filter"));
    gate.note(attempt("later.test", "not-allowed"), attempt("later.test"), attempt("yes.test"));
    expect(gate.last()).toMatchObject({
      refused: 3,
      both: [
        { host: "blocked.test", port: 443 },
        { host: "later.test", port: 443 },
      ],
    });
  });

  test("name none where they are too many", () => {
    const gate = aGate();
    for (let host = 0; host < 33; host += 1) gate.note(attempt(`${host}.test`, "unreachable"));
    gate.passSecond();
    expect(gate.last()).toMatchObject({ refused: 33, both: null });
  });

  test("hold what was asked until it is answered, and a change by the user is an answer", () => {
    const gate = aGate();
    gate.note(ask("a.test", "open"), ask("b.test", "open"), ask("c.test", "open"), ask("a.test", "allowed"));
    const change = { event: "policy", id: "2", action: "deny", by: "user" } as const;
    gate.note({ ...change, host: "b.test", port: 443 });
    gate.counts.tell();
    expect(gate.last()?.asks).toEqual([
      { time: "1970-01-01T00:00:00.000Z", host: "c.test", port: 443, reason: "for tests" },
    ]);
  });

  test("stop at 10,000 pairs, and say nothing that looks like a credential", () => {
    const gate = aGate();
    for (let host = 0; host < 10_100; host += 1) gate.note(attempt(`${host}.test`, "not-allowed"));
    gate.note(attempt("ghp_0123456789abcdefghij.test", "filter"));
    gate.passSecond();
    expect(gate.last()?.refused).toBe(10_000);
    const other = aGate();
    other.note(attempt("ghp_0123456789abcdefghij.test", "filter"));
    expect(other.last()?.both).toEqual([{ host: "[redacted].test", port: 443 }]);
  });
});
