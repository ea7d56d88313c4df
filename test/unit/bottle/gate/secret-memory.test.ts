import type { GateEvent } from "../../../../src/protocol/gate-events.ts";
import { expect, test } from "bun:test";
import { GateMemory } from "../../../../src/bottle/gate/gate-memory.ts";

const api = (status: number): GateEvent => ({
  event: "api",
  time: "t",
  method: "POST",
  path: "/v1/messages",
  status,
});

test.each([
  [[200], false],
  [[401, 401], true],
  [[401, 200], false],
  [[200, 401, 529], true],
  [[403, 404], false],
])("answers %j: the credential is refused: %p", (statuses, isRefused) => {
  const memory = new GateMemory();
  for (const status of statuses) memory.note(api(status));
  expect(memory.isTokenRefused()).toBe(isRefused);
});

test("keeps the ledger over the end of a gate", () => {
  const memory = new GateMemory();
  const secret = { event: "secret", name: "A", host: "h", verdict: "used" } as const;
  memory.note({ ...secret, time: "t2", count: 2, first: "t1" });
  memory.note({ ...secret, time: "t3", count: 3, first: "t1" });
  memory.note({ ...secret, time: "t5", count: 1, first: "t5" });
  expect(memory.secrets()).toEqual([
    { name: "A", host: "h", verdict: "used", count: 4, first: "t1", last: "t5", where: undefined },
  ]);
});

test("keeps the pairs that were let through, each once and not without end", () => {
  const memory = new GateMemory();
  const attempt = { event: "attempt", time: "t", port: 443, verdict: "allowed" } as const;
  for (const host of ["a.test", "b.test", "a.test"]) memory.note({ ...attempt, host });
  memory.note({ ...attempt, host: "c.test", verdict: "refused" });
  expect(memory.reached()).toEqual(["a.test:443", "b.test:443"]);
  for (let index = 0; index < 2_000; index += 1) memory.note({ ...attempt, host: `${index}.b.test` });
  expect(memory.reached()).toHaveLength(1_000);
});

test("keeps findings that blocked something among the refusals, with how to go on", () => {
  const memory = new GateMemory();
  const finding = {
    event: "finding",
    host: "api.test",
    rule: "github-token",
    where: "body $.a",
    fingerprint: "0123456789ab",
    verdict: "blocked",
    first: "t1",
  } as const;
  memory.note({ ...finding, time: "t1", count: 1 });
  memory.note({ ...finding, time: "t2", count: 7 });
  memory.note({ ...finding, time: "t3", count: 1, verdict: "told" });
  expect(memory.refused()).toEqual([
    {
      host: "api.test",
      port: 443,
      reason:
        'github-token in body $.a, fingerprint 0123456789ab; to let it through: "inspect": [{ "host": "api.test", "allow": ["github-token"] }]',
      count: 7,
    },
  ]);
});
