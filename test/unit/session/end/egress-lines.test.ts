import type { EgressRecord } from "../../../../src/protocol/egress-record.ts";
import { expect, test } from "bun:test";
import { readGateRecord, readPipelockRecord } from "../../../../src/bottle/egress/egress-records.ts";
import { isBlocked, renderEgressLine } from "../../../../src/session/end/egress-lines.ts";

const time = "2026-01-02T03:04:05.678901234Z";
const at = { time: "", host: "a.test", port: 443 } as const;
const token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";

test("each attempt is one line with time, verdict, where to, why and how much", () => {
  const records = [
    readGateRecord(time, { event: "attempt", ...at, verdict: "allowed" }),
    readGateRecord(time, {
      event: "closed",
      ...at,
      sentBytes: 1_500,
      receivedBytes: 3 * 1024 * 1024,
      durationMs: 1_234,
    }),
    readGateRecord(time, {
      event: "attempt",
      ...at,
      host: "b.test\u001b[2J",
      verdict: "refused",
      code: "not-allowed",
      reason: "the host is not on this bottle's allowlist",
    }),
    readGateRecord(time, { event: "policy", ...at, id: "1", action: "allow", by: "user" }),
    readGateRecord(time, { event: "filter", time: "", state: "lost", problem: "it hangs" }),
    readPipelockRecord(time, {
      event: "blocked",
      method: "GET",
      url: `http://user@b.test/upload?key=${token}`,
      scanner: "core_dlp",
      reason: `token ${token} found`,
    }),
    readPipelockRecord(time, {
      event: "body_dlp",
      target: "c.test:443",
      action: "block",
      patterns: ["AWS Access ID"],
    }),
  ].filter((record) => record !== undefined);
  expect(records.map((record) => renderEgressLine(record, false)).join("")).toMatchInlineSnapshot(`
    "2026-01-02 03:04:05  allowed  a.test:443
    2026-01-02 03:04:05  closed   a.test:443  1.5 KiB out, 3.0 MiB in, 1.2 s
    2026-01-02 03:04:05  blocked  b.test\\x1b[2J:443  not-allowed: the host is not on this bottle's allowlist
    2026-01-02 03:04:05  policy   a.test:443  allowed by the user
    2026-01-02 03:04:05  filter   lost: pipelock: it hangs
    2026-01-02 03:04:05  blocked  b.test:80  pipelock: core_dlp: [redacted] found
    2026-01-02 03:04:05  blocked  c.test:443  pipelock: body_dlp: found AWS Access ID
    "
  `);
  expect(records.map(isBlocked)).toEqual([false, false, true, false, false, true, true]);
});

test("what became of a secret is told as let through or not", () => {
  const secret = { event: "secret", time: "", name: "A", host: "a.test", first: "" } as const;
  const lines = [
    readGateRecord(time, { ...secret, verdict: "used", count: 1 }),
    readGateRecord(time, { ...secret, verdict: "blocked", where: "body", count: 2 }),
    readGateRecord(time, { ...secret, verdict: "returned", count: 3 }),
  ].map((record) => renderEgressLine(record as EgressRecord, false).slice(21));
  expect(lines).toEqual([
    "allowed  a.test  used: A was used\n",
    "blocked  a.test  blocked: the placeholder of A was sent in body (2 times)\n",
    "blocked  a.test  returned: A came back and was removed (3 times)\n",
  ]);
});

test("a finding is told with its rule, its place, and how to go on", () => {
  const finding = {
    event: "finding",
    time: "",
    host: "a.test",
    rule: "github-token",
    where: "query key",
    fingerprint: "0a1b2c3d4e5f",
    first: "",
  } as const;
  const records = [
    readGateRecord(time, { ...finding, verdict: "blocked", count: 1 }),
    readGateRecord(time, { ...finding, verdict: "told", rule: "stripe-test-key", count: 2 }),
    readGateRecord(time, {
      ...finding,
      verdict: "allowed",
      rule: "env:TOKEN",
      where: `body ${token}\u001b[2J`,
      count: 1,
    }),
  ].filter((record) => record !== undefined);
  expect(records.map((record) => renderEgressLine(record, false).slice(21))).toEqual([
    'blocked  a.test:443  secret: github-token in query key, fingerprint 0a1b2c3d4e5f; to let it through: "inspect": [{ "host": "a.test", "allow": ["github-token"] }]\n',
    "allowed  a.test:443  secret: stripe-test-key in query key, fingerprint 0a1b2c3d4e5f (2 times); let through: such secrets are public or for tests\n",
    "allowed  a.test:443  secret: env:TOKEN in body [redacted]\\x1b[2J, fingerprint 0a1b2c3d4e5f; let through, as the manifest says\n",
  ]);
  expect(records.map(isBlocked)).toEqual([true, false, false]);
});

test("nothing of a credential is in any field", () => {
  const record = readPipelockRecord(time, {
    event: "blocked",
    url: `https://${token}.b.test/${token}?x=${token}`,
    reason: token,
  }) as EgressRecord;
  expect(JSON.stringify(record)).not.toContain("ghp_");
  expect(record.host).toBe("[redacted].b.test");
});

test("what only the launcher needs, and what the gate tells already, is no record", () => {
  expect(readGateRecord(time, { event: "pong", time: "", id: "1" })).toBeUndefined();
  expect(readPipelockRecord(time, { event: "tunnel_open", target: "a.test:443" })).toBeUndefined();
});
