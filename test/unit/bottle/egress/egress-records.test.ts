/** What people are told of each thing that gate and filter note: every kind of line, and lines that are made to mislead. */
import type { GateEvent } from "../../../../src/protocol/gate-events.ts";
import type { EgressRecord } from "../../../../src/protocol/egress-record.ts";
import { describe, expect, test } from "bun:test";
import { readGateRecord, readPipelockRecord } from "../../../../src/bottle/egress/egress-records.ts";

const time = "2026-01-01T00:00:00.000000000Z";
const at = { time: "", host: "a.test", port: 443 };

/** What there is in a record but its time. */
function told(record: EgressRecord | undefined): Record<string, unknown> | undefined {
  if (record === undefined) return undefined;
  expect(record.time).toBe(time);
  const { time: _time, ...rest } = record;
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
}
const ofGate = (event: object) => told(readGateRecord(time, event as GateEvent));
const ofFilter = (event: Record<string, unknown>) => told(readPipelockRecord(time, event));

describe("the gate's notes", () => {
  const base = { source: "gate", host: "a.test", port: 443 };

  test.each<[string, object, object]>([
    [
      "an allowed try",
      { event: "attempt", ...at, verdict: "allowed" },
      { kind: "attempt", verdict: "allowed" },
    ],
    [
      "a refused try",
      { event: "attempt", ...at, verdict: "refused", code: "not-granted", reason: "no" },
      { kind: "attempt", verdict: "refused", code: "not-granted", reason: "no" },
    ],
    [
      "a trap",
      {
        event: "trap",
        canary: "aws",
        place: "~/.aws/credentials",
        host: "a.test",
        where: "body $.a",
        verdict: "frozen",
        by: "curl",
        count: 1,
        first: "",
      },
      {
        kind: "trap",
        verdict: "refused",
        code: "aws",
        by: "curl",
        port: undefined,
        reason:
          "a made-up credential (~/.aws/credentials) was about to leave in body $.a; the bottle was frozen",
      },
    ],
    [
      "a made-up credential in what the API was sent",
      {
        event: "trap",
        canary: "env",
        place: "~/.env.production",
        host: "a.test",
        where: "body",
        verdict: "told",
        count: 3,
        first: "",
      },
      {
        kind: "trap",
        verdict: "allowed",
        code: "env",
        port: undefined,
        reason: "a made-up credential (~/.env.production) is in what Claude's API was sent (3 times)",
      },
    ],
    [
      "a bound that was reached",
      {
        event: "bound",
        id: "",
        host: "a.test",
        what: "upload",
        state: "reached",
        used: 90,
        limit: 2 * 1024 ** 2,
      },
      {
        kind: "bound",
        verdict: "refused",
        code: "reached",
        port: undefined,
        reason: "may be sent 2.0 MiB in this session, and nothing more goes until that is raised",
      },
    ],
    [
      "a bound that was changed",
      { event: "bound", id: "1", host: "a.test", what: "requests", state: "changed", used: 1, limit: 9 },
      {
        kind: "bound",
        code: "changed",
        port: undefined,
        reason: "may be sent 9 requests in this session; 1 request so far",
      },
    ],
    [
      "an end",
      { event: "closed", ...at, sentBytes: 1, receivedBytes: 2, durationMs: 3 },
      { kind: "closed", sentBytes: 1, receivedBytes: 2, durationMs: 3 },
    ],
    [
      "numbers that are none",
      { event: "closed", ...at, sentBytes: "1", receivedBytes: null, durationMs: {} },
      { kind: "closed" },
    ],
    [
      "a grant by the user",
      { event: "policy", ...at, id: "1", action: "allow", by: "user" },
      { kind: "policy", code: "allow", reason: "allowed by the user" },
    ],
    [
      "a grant for a time",
      { event: "policy", ...at, id: "1", action: "allow", by: "user", until: "noon" },
      { kind: "policy", code: "allow", reason: "allowed by the user until noon" },
    ],
    [
      "a grant whose time is over",
      { event: "policy", ...at, id: "1", action: "deny", by: "expiry" },
      { kind: "policy", code: "expired", reason: "denied its time is over" },
    ],
  ])("tell %s", (_name, event, expected) => {
    expect(ofGate(event)).toEqual({ ...base, ...expected });
  });

  test.each<[number, string]>([
    [200, "allowed"],
    [401, "allowed"],
    [403, "refused"],
    [404, "allowed"],
  ])("take an API's answer of %p for %s", (status, verdict) => {
    expect(ofGate({ event: "api", time: "", method: "POST", path: "/v1/messages", status })).toEqual({
      source: "gate",
      kind: "api",
      verdict,
      reason: `POST /v1/messages answered ${status}`,
    });
  });

  test("tell the filter's state, what was left out, and why the gate ended", () => {
    expect(ofGate({ event: "filter", time: "", state: "healthy" })).toEqual({
      source: "gate",
      kind: "filter",
      code: "healthy",
      reason: "pipelock is verified again",
    });
    expect(ofGate({ event: "filter", time: "", state: "lost", problem: "it hangs" })).toMatchObject({
      kind: "filter",
      code: "lost",
      reason: "pipelock: it hangs",
    });
    expect(ofGate({ event: "dropped", time: "", count: 7 })).toEqual({
      source: "gate",
      kind: "note",
      reason: "7 events were not written",
    });
    expect(ofGate({ event: "fatal", time: "", message: "no port" })).toEqual({
      source: "gate",
      kind: "note",
      code: "fatal",
      reason: "no port",
    });
  });

  test.each<[string, string, string]>([
    ["used", "allowed", "TOKEN was used"],
    ["blocked", "refused", "the placeholder of TOKEN was sent in body"],
    ["returned", "refused", "TOKEN came back and was removed"],
  ])("tell of a secret that it was %s", (verdict, passed, reason) => {
    const note = { name: "TOKEN", host: "a.test", verdict, where: "body", first: "then" };
    const event = { event: "secret", time: "now", ...note };
    expect(ofGate({ ...event, count: 1 })).toEqual({
      source: "gate",
      kind: "secret",
      verdict: passed,
      host: "a.test",
      code: verdict,
      reason,
      secret: { time: "now", ...note, count: 1 },
    });
    expect(ofGate({ ...event, count: 2 })).toMatchObject({ reason: `${reason} (2 times)` });
  });

  test("say of a secret where it was only if that is known", () => {
    const event = {
      event: "secret",
      time: "",
      name: "A",
      host: "a.test",
      verdict: "used",
      count: 1,
      first: "",
    };
    expect(ofGate(event)?.["secret"]).not.toHaveProperty("where");
  });
});

describe("the filter's notes", () => {
  const base = { source: "pipelock", host: "a.test", port: 443 };
  const target = "a.test:443";

  test.each<[string, Record<string, unknown>, object | undefined]>([
    [
      "what it blocked",
      { event: "blocked", scanner: "dlp", reason: "a key", action: "allow" },
      { kind: "blocked", verdict: "refused", code: "dlp", reason: "a key" },
    ],
    [
      "a body that it blocked",
      { event: "body_dlp", action: "block", patterns: ["AWS", "GitHub"] },
      { kind: "blocked", verdict: "refused", code: "body_dlp", reason: "found AWS, GitHub" },
    ],
    [
      "a header with one pattern",
      { event: "header_dlp", patterns: "AWS" },
      { kind: "blocked", verdict: "refused", code: "header_dlp", reason: "found AWS" },
    ],
    [
      "an answer that it only warned of",
      { event: "response_scan", action: "warn" },
      { kind: "blocked", verdict: "allowed", code: "response_scan", reason: "found a pattern" },
    ],
    [
      "another name within TLS",
      { event: "sni_mismatch", category: "sni", connect_host: "b.test" },
      { kind: "blocked", verdict: "refused", code: "sni_mismatch", host: "b.test", reason: "sni" },
    ],
    [
      "another name, without the first",
      { event: "sni_mismatch", connect_host: 7 },
      { kind: "blocked", verdict: "refused", code: "sni_mismatch" },
    ],
    [
      "what is odd",
      { event: "anomaly", scanner: "entropy", reason: "odd" },
      { kind: "note", code: "entropy", reason: "odd" },
    ],
    [
      "what failed",
      { event: "error", error: "no route" },
      { kind: "note", code: "error", reason: "no route" },
    ],
    [
      "a reload",
      { event: "config_reload", status: "ok" },
      { kind: "note", code: "config_reload", reason: "ok" },
    ],
    ["nothing of a tunnel", { event: "tunnel_open" }, undefined],
  ])("tell %s", (_name, event, expected) => {
    expect(ofFilter({ target, ...event })).toEqual(expected && { ...base, ...expected });
  });

  test.each<[Record<string, unknown>, string | undefined, number | undefined]>([
    [{ target: "a.test:8443" }, "a.test", 8443],
    [{ target: "a.test" }, "a.test", undefined],
    [{ url: "http://a.test/x" }, "a.test", 80],
    [{ url: "HTTPS://a.test/x" }, "a.test", 443],
    [{ url: "https://a.test:444/x:99" }, "a.test", 444],
    [{ url: "http://me:word@a.test/x" }, "a.test", 80],
    [{ target: "b.test:1", url: "http://a.test" }, "b.test", 1],
    [{}, undefined, undefined],
  ])("of %j tell where it went, and nothing of what stands before or behind it", (event, host, port) => {
    const record = readPipelockRecord(time, { event: "blocked", ...event });
    expect([record?.host, record?.port]).toEqual([host, port]);
  });
});

test("no note is longer than 400 characters, and a key that the cut goes through is none of what is left", () => {
  const reasonOf = (reason: string) => String(ofFilter({ event: "blocked", reason })?.["reason"]);
  expect(reasonOf("x ".repeat(200))).toHaveLength(400);
  expect(reasonOf("x ".repeat(201))).toHaveLength(400);
  const key = `sk-ant-oat01-${"A1b2C3d4".repeat(12)}`;
  // Cut first, it would be too short to be known as one
  const text = reasonOf(`${"x ".repeat(190)}${key}`);
  expect(text).not.toContain("A1b2");
  expect(ofGate({ event: "fatal", time: "", message: `it said ${key}` })?.["reason"]).not.toContain("A1b2");
});
