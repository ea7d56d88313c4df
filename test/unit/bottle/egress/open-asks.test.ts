import type { EgressRecord } from "../../../../src/protocol/egress-record.ts";
import { expect, test } from "bun:test";
import { OpenAsks } from "../../../../src/bottle/egress/open-asks.ts";

const record = (kind: EgressRecord["kind"], host: string, code?: string): EgressRecord => ({
  time: "t",
  source: "gate",
  kind,
  host,
  port: 443,
  ...(code === undefined ? {} : { code, reason: "why" }),
});

test("a request is open until it is answered, or the policy for its host changes", () => {
  const asks = new OpenAsks();
  expect(asks.note(record("ask", "a.test", "open"))).toBe(true);
  expect(asks.note(record("ask", "a.test", "open"))).toBe(false);
  asks.note(record("ask", "b.test", "open"));
  asks.note(record("ask", "c.test", "open"));
  asks.note(record("attempt", "a.test"));
  expect(asks.list().map((one) => one.host)).toEqual(["a.test", "b.test", "c.test"]);
  expect(asks.list()[0]).toEqual({ host: "a.test", port: 443, reason: "why", time: "t" });
  asks.note(record("ask", "a.test", "blocked"));
  asks.note(record("policy", "b.test", "allow"));
  asks.note(record("ask", "c.test", "expired"));
  expect(asks.list()).toEqual([]);
  expect(asks.note(record("ask", "a.test", "open"))).toBe(true);
});

test("those of many gates do not fill the memory", () => {
  const asks = new OpenAsks();
  for (let index = 0; index < 100; index += 1) asks.note(record("ask", `h${index}.test`, "open"));
  expect(asks.list()).toHaveLength(32);
});
