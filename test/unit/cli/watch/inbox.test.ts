import type { EgressRecord } from "../../../../src/protocol/egress-record.ts";
import { expect, test } from "bun:test";
import { readInbox } from "../../../../src/cli/watch/inbox.ts";

const record = (
  kind: EgressRecord["kind"],
  host: string,
  more: Partial<EgressRecord> = {},
): EgressRecord => ({
  time: "t",
  source: "gate",
  kind,
  host,
  port: 443,
  ...more,
});
const refused = (host: string, more: Partial<EgressRecord> = {}) =>
  record("attempt", host, { verdict: "refused", reason: "not on the list", ...more });
const asked = (host: string, code = "open") => record("ask", host, { code, reason: "why" });
const changed = (host: string, code: string) => record("policy", host, { code });
const show = (...records: EgressRecord[]) =>
  readInbox(records).map(({ kind, host, port, count }) => `${kind} ${host}:${port} ${count}`);

test("what is asked for comes first, then what was blocked, with how often", () => {
  expect(
    show(refused("a.test"), refused("a.test"), refused("b.test", { port: 22 }), asked("c.test")),
  ).toEqual(["asked c.test:443 0", "blocked a.test:443 2", "blocked b.test:22 1"]);
});

test("what is spoken there is known from the request, or from how it was blocked", () => {
  const [db, plain, tls] = readInbox([
    record("ask", "db.test", { code: "open", port: 5432, protocol: "tcp", reason: "why" }),
    refused("mirror.test", { port: 4873, code: "plain-http" }),
    refused("other.test"),
  ]);
  expect(db).toMatchObject({
    protocol: "tcp",
    notes: ["any protocol: nothing looks at it", expect.anything()],
  });
  expect(plain).toMatchObject({
    protocol: "http",
    notes: [expect.stringContaining("plain http"), expect.anything()],
  });
  expect(tls).not.toHaveProperty("protocol");
});

test("a request keeps its words and its place while it is blocked meanwhile, and counts that", () => {
  const [row] = readInbox([refused("a.test"), asked("a.test"), refused("a.test")]);
  expect(row).toMatchObject({
    kind: "asked",
    count: 2,
    reason: "why",
    notes: [expect.stringContaining("opens: ")],
  });
});

test("an answer says what became of it, and one that is taken back leaves it as it was", () => {
  expect(show(refused("a.test"), changed("a.test", "allow"))).toEqual(["allowed a.test:443 1"]);
  expect(show(asked("a.test"), changed("a.test", "deny"), refused("a.test"))).toEqual([
    "denied a.test:443 1",
  ]);
  expect(show(refused("a.test"), changed("a.test", "allow"), changed("a.test", "undone"))).toEqual([
    "blocked a.test:443 1",
  ]);
  expect(show(asked("a.test"), changed("a.test", "deny"), changed("a.test", "undone"))).toEqual([]);
  expect(show(changed("a.test", "allow"), changed("a.test", "expired"), refused("a.test"))).toEqual([
    "blocked a.test:443 1",
  ]);
});

test("a request that is answered by a pattern, or by nobody, is none any more", () => {
  expect(show(asked("a.x.test"), asked("a.x.test", "allowed"), changed("*.x.test", "allow"))).toEqual([
    "allowed *.x.test:443 0",
  ]);
  expect(show(refused("a.x.test"), changed("*.x.test", "allow"))).toEqual(["allowed *.x.test:443 0"]);
  expect(show(asked("a.test"), asked("a.test", "expired"))).toEqual([]);
});

test("what went through, and what became of secrets, is not there; of a flood a hundred are", () => {
  expect(
    show(
      record("attempt", "a.test", { verdict: "allowed" }),
      record("secret", "b.test", { verdict: "refused" }),
    ),
  ).toEqual([]);
  expect(readInbox(Array.from({ length: 1_000 }, (_, index) => refused(`h${index}.test`)))).toHaveLength(100);
});
