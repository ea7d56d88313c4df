import { describe, expect, test } from "bun:test";
import { GateMemory } from "../../../src/bottle/gate/gate-memory.ts";
import { watchGate } from "../../../src/bottle/gate/gate-events.ts";
import { parseGateEvent } from "../../../src/protocol/gate-events.ts";
import type { GateEvent } from "../../../src/protocol/gate-events.ts";

const time = "2026-01-01T00:00:00.000Z";
const attempt = { event: "attempt", time, host: "a.test", port: 443, verdict: "refused" } as const;

describe("parseGateEvent()", () => {
  test.each<GateEvent>([
    attempt,
    { event: "ready", time, ports: { proxy: 1, api: 2, sshAgent: 3, pipelock: 4 }, pipelock: null },
    { event: "secret", time, name: "A", host: "a.test", verdict: "used", count: 1, first: time },
    { event: "described", time, id: "1", filter: "builtin", destinations: [], apiHost: "api.test" },
    { event: "pong", time, id: "1" },
  ])("takes what the gate says: %j", (event) => {
    expect(parseGateEvent(JSON.parse(JSON.stringify(event)))).toEqual(event);
  });

  test("takes an event of a later version with a field and a code that are not known here", () => {
    expect(parseGateEvent({ ...attempt, code: "new-code", more: 1 })).toEqual({
      ...attempt,
      code: "new-code",
    });
  });

  test.each([
    ["nothing", undefined],
    ["a list", []],
    ["no event", { time }],
    ["one that is not known", { ...attempt, event: "made-up" }],
    ["a host that is an object", { ...attempt, host: { toString: "x" } }],
    ["a port that is a text", { ...attempt, port: "443" }],
    ["a verdict of its own", { ...attempt, verdict: "granted" }],
    [
      "a secret's verdict from the prototype",
      { event: "secret", time, name: "A", host: "h", verdict: "toString", count: 1, first: time },
    ],
    [
      "a port that is missing",
      { event: "closed", time, host: "h", sentBytes: 1, receivedBytes: 1, durationMs: 1 },
    ],
  ])("takes no event of %s", (_, value) => {
    expect(parseGateEvent(value)).toBeUndefined();
  });
});

test("what is no event of the gate's goes neither into the memory nor to a listener, and makes nothing ready", async () => {
  const heard: GateEvent[] = [];
  const lines = [
    { event: "ready", time },
    { event: "attempt", time, host: ["a"], port: {}, verdict: "refused" },
    { event: "authority", time, certificate: 1 },
    attempt,
  ];
  const frames = (async function* () {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    yield { stream: "stdout" as const, data: Buffer.from(text) };
  })();
  const memory = new GateMemory();
  const watch = watchGate(frames, memory, (event) => heard.push(event));
  await watch.ended;
  expect(heard).toEqual([attempt]);
  expect(memory.refused()).toEqual([{ host: "a.test", port: 443, reason: "", count: 1 }]);
  await expect(watch.ready).rejects.toThrow("it ended before it was ready");
  await expect(watch.authority).rejects.toThrow("it ended before it was ready");
});
