import type { GateEvent } from "../../../../src/protocol/gate-events.ts";
import { expect, test } from "bun:test";
import { GateMemory } from "../../../../src/bottle/gate/gate-memory.ts";

const pair = { host: "a.test", port: 443 } as const;
const allowed = { ...pair, protocol: "tls", isPrivate: false } as const;

test("changes that hold are told to the next gate, the newest last", () => {
  const memory = new GateMemory();
  note(memory, { ...allowed, id: "1", action: "allow", by: "user" });
  note(memory, { host: "b.test", port: 443, id: "2", action: "deny", by: "user" });
  note(memory, { ...allowed, id: "3", action: "allow", by: "user" });
  expect(memory.replay()).toEqual([
    { type: "deny", id: "2", host: "b.test", port: 443 },
    { type: "allow", id: "3", destination: allowed },
  ]);
});

test("a part of a host that was allowed stays a part for the next gate", () => {
  const memory = new GateMemory();
  const rules = { allow: ["GET /a"], account: "own" } as const;
  note(memory, { ...allowed, rules, id: "1", action: "allow", by: "user" });
  expect(memory.replay()).toEqual([{ type: "allow", id: "1", destination: { ...allowed, rules } }]);
});

test("a timed grant goes on for what is left of its time, and not after it", () => {
  let now = 1_000_000;
  const memory = new GateMemory(() => now);
  const until = new Date(60_000).toISOString();
  note(memory, { ...allowed, id: "1", action: "allow", by: "user", until });
  // A clock tells parts of a millisecond; the gate takes whole ones
  now += 19_999.4;
  expect(memory.replay()).toMatchObject([{ type: "allow", forMs: 40_000 }]);
  now += 40_000;
  expect(memory.replay()).toEqual([]);
  note(memory, { ...allowed, id: "1", action: "deny", by: "expiry" });
  expect(memory.replay()).toEqual([]);
});

test("refusals are counted by pair, the most frequent first, and their number is limited", () => {
  const memory = new GateMemory();
  for (let count = 0; count < 300; count += 1) refuse(memory, `h${count}.test`);
  refuse(memory, "h7.test");
  const refused = memory.refused();
  expect(refused).toHaveLength(200);
  expect(refused[0]).toEqual({ host: "h7.test", port: 443, reason: "no", count: 2 });
});

test("a gate in place of a frozen one is frozen before anything else, and not after a thaw", () => {
  const memory = new GateMemory();
  const freeze = { event: "freeze", time: "", by: "user" } as const;
  note(memory, { ...allowed, id: "1", action: "allow", by: "user" });
  memory.note({ ...freeze, id: "2", state: "frozen" });
  expect(memory.replay()).toMatchObject([{ type: "freeze", id: "2" }, { type: "allow" }]);
  memory.note({ ...freeze, id: "", by: "trap", state: "frozen" });
  expect(memory.replay()).toMatchObject([{ type: "freeze", id: "trap" }, { type: "allow" }]);
  memory.note({ ...freeze, id: "3", state: "thawed" });
  expect(memory.replay()).toMatchObject([{ type: "allow" }]);
});

test("a bound that was reached stays so in a gate that counts anew, and a raised one is raised", () => {
  const memory = new GateMemory();
  const bound = { event: "bound", time: "", host: "a.test", what: "upload", used: 9, limit: 9 } as const;
  memory.note({ ...bound, id: "", state: "warned" });
  expect(memory.replay()).toEqual([]);
  memory.note({ ...bound, id: "", state: "reached" });
  expect(memory.replay()).toEqual([
    { type: "bound", id: "bound", bound: { host: "a.test", uploadBytes: 0 } },
  ]);
  memory.note({ ...bound, id: "7", state: "changed", limit: 20 });
  memory.note({ ...bound, id: "8", what: "requests", state: "changed", limit: 5 });
  expect(memory.replay()).toEqual([
    { type: "bound", id: "7", bound: { host: "a.test", uploadBytes: 20 } },
    { type: "bound", id: "8", bound: { host: "a.test", requests: 5 } },
  ]);
});

function note(
  memory: GateMemory,
  event: Omit<Extract<GateEvent, { event: "policy" }>, "event" | "time">,
): void {
  memory.note({ event: "policy", time: new Date(0).toISOString(), ...event });
}

function refuse(memory: GateMemory, host: string): void {
  memory.note({ event: "attempt", time: "", host, port: 443, verdict: "refused", reason: "no" });
}
