import { expect, test } from "bun:test";
import { BlockedRequest, makeFindingReports } from "../../../../src/sidecar/gate/inspect-findings.ts";
import type { GateEventBody } from "../../../../src/protocol/gate-events.ts";

const finding = (rule: string, text: string, isTold = false) => ({
  rule,
  text,
  isTold,
  home: [],
  where: "query k",
});

function begin() {
  const events: Record<string, unknown>[] = [];
  const reports = makeFindingReports(
    (event: GateEventBody) => events.push(event),
    () => 0,
    () => undefined,
  );
  return { events, reports };
}

test("blocks what is neither public nor allowed, and tells of all", () => {
  const { events, reports } = begin();
  const found = [
    finding("google-api-key", "a", true),
    finding("npm-token", "b"),
    finding("github-token", "c"),
  ];
  expect(reports.judge(found, "a.test", ["npm-token"])).toMatchObject({
    rule: "github-token",
    where: "query k",
  });
  expect(reports.judge(found.slice(0, 2), "a.test", ["npm-token"])).toBeUndefined();
  expect(events.map(({ rule, verdict, count }) => [rule, verdict, count])).toEqual([
    ["google-api-key", "told", 1],
    ["npm-token", "allowed", 1],
    ["github-token", "blocked", 1],
    ["google-api-key", "told", 2],
    ["npm-token", "allowed", 2],
  ]);
});

test("gives equal secrets of one session equal fingerprints, which say nothing to anybody else", () => {
  const [one, other] = [begin(), begin()];
  for (const { reports } of [one, other])
    for (const text of ["secret-1", "secret-1", "secret-2"])
      reports.judge([{ ...finding("r", text), where: text === "secret-2" ? "b" : "a" }], "a.test", []);
  const prints = (events: Record<string, unknown>[]) => events.map((event) => event["fingerprint"]);
  expect(prints(one.events)[0]).toBe(prints(one.events)[1] as string);
  expect(new Set([...prints(one.events), ...prints(other.events)]).size).toBe(4);
  expect(JSON.stringify(one.events)).not.toContain("secret-1");
});

test("an agent that makes up places has them counted together in the end", () => {
  const { events, reports } = begin();
  for (let at = 0; at < 1_000; at += 1)
    reports.judge([{ ...finding("r", String(at)), where: `query ${at}${"x".repeat(500)}` }], "a.test", []);
  reports.settle();
  expect(events.length).toBeLessThan(600);
  expect(Math.max(...events.map((event) => String(event["where"]).length))).toBeLessThan(130);
  expect(events.at(-1)).toMatchObject({ where: "several places" });
});

test("the agent reads what was found, where, and how to go on", () => {
  const { message, code } = new BlockedRequest(
    { rule: "npm-token", where: 'body $."\n', fingerprint: "0" },
    "a.test",
  );
  expect(code).toBe("secret");
  expect(message).toContain('"inspect": [{ "host": "a.test", "allow": ["npm-token"] }]');
  expect(message).not.toContain("\n");
});
