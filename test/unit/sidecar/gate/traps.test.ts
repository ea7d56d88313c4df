import { describe, expect, test } from "bun:test";
import type { GateEventBody } from "../../../../src/protocol/gate-events.ts";
import { Freezer } from "../../../../src/sidecar/gate/freezer.ts";
import { lookAtBody, lookAtHead } from "../../../../src/sidecar/gate/request-look.ts";
import { Trapped } from "../../../../src/sidecar/gate/trapped.ts";
import { Traps } from "../../../../src/sidecar/gate/traps.ts";
import { makeUp, put, withChecksum } from "../../../support/inspect/made-up.ts";

const m = makeUp(23);
const value = put("AKIA", m.alnum(16).toUpperCase());
const token = put("gh", "p_", withChecksum(m.alnum(30)));
const canaries = [
  { kind: "aws", place: "~/.aws/credentials", value },
  { kind: "github", place: "~/.git-credentials", value: token },
];

function setUp() {
  const events: GateEventBody[] = [];
  const emit = (event: GateEventBody) => void events.push(event);
  const traps = new Traps(canaries, new Freezer(emit), emit);
  return { traps, kinds: () => events.map((one) => one.event), events };
}

/** Each way in which a thief may write it, up to two ways one in the other. */
const forms: readonly (readonly [string, string])[] = [
  ["as it is", value],
  ["in base64", Buffer.from(`x${value}y`).toString("base64")],
  ["in hex within base64", Buffer.from(Buffer.from(value).toString("hex")).toString("base64")],
  ["backwards", [...value].toReversed().join("")],
  ["percent-encoded in base64", Buffer.from(encodeURIComponent(`a=${token}&`)).toString("base64")],
];

describe("a made-up credential", () => {
  test.each(forms)("%s in a body freezes, and names the canary and the place", (_how, text) => {
    const { traps, events } = setUp();
    const look = traps.lookAt("a.test", 4_321);
    const context = { looker: look.looker, coverage: look.beginCoverage() };
    const body = Buffer.from(JSON.stringify({ note: text }));
    const found = lookAtBody(context, body, [["content-type", "application/json"]]);
    expect(() => look.judge(found)).toThrow(Trapped);
    expect(events).toMatchObject([
      { event: "trap", host: "a.test", verdict: "frozen", from: 4_321, count: 1 },
      { event: "freeze", state: "frozen", by: "trap", id: "" },
    ]);
    expect(JSON.stringify(events)).not.toContain(value);
    expect(JSON.stringify(events)).not.toContain(token);
  });

  test.each([
    ["the path", { path: `/a/${value}` }],
    ["the query", { path: `/?k=${token}` }],
    ["a header", { headers: [["x-note", token] as const] }],
    ["the name of a header", { headers: [[`x-${value}`, "1"] as const] }],
  ])("in %s freezes, and is in no event", (_where, part) => {
    const { traps, kinds, events } = setUp();
    const look = traps.lookAt("a.test", undefined);
    const context = { looker: look.looker, coverage: look.beginCoverage() };
    const head = { host: "a.test", method: "GET", path: "/", headers: [], ...part };
    expect(() => look.judge(lookAtHead(context, head))).toThrow(Trapped);
    expect(kinds()).toEqual(["trap", "freeze"]);
    expect(JSON.stringify(events).toLowerCase()).not.toContain(value.toLowerCase());
  });

  test("in two requests to one host, a half each, freezes; to two hosts it does not", () => {
    const send = (hosts: readonly string[]) => {
      const { traps, kinds } = setUp();
      const halves = [token.slice(0, 22), token.slice(18)];
      try {
        for (const [index, host] of hosts.entries()) {
          const look = traps.lookAt(host, undefined);
          const context = { looker: look.looker, coverage: look.beginCoverage() };
          look.judge(lookAtBody(context, Buffer.from(`part ${halves[index]}`), []));
          context.coverage.commit();
        }
      } catch (error) {
        expect(error).toBeInstanceOf(Trapped);
      }
      return kinds();
    };
    expect(send(["a.test", "a.test"])).toEqual(["trap", "freeze"]);
    expect(send(["a.test", "b.test"])).toEqual([]);
  });

  test("in the name of a host, in lower case and in labels too, freezes with who asked", () => {
    for (const name of [value, value.toLowerCase(), `${value.slice(0, 9)}.${value.slice(9)}`.toLowerCase()]) {
      const { traps, events } = setUp();
      const head = `CONNECT ${name}.a.test:443 HTTP/1.1\r\nHost: x`;
      expect(() => traps.lookAtHead(head, { host: `${name}.a.test`, by: "curl", from: 1 })).toThrow(Trapped);
      expect(events[0]).toMatchObject({ event: "trap", canary: "aws", by: "curl", from: 1 });
      expect(JSON.stringify(events).toLowerCase()).not.toContain(value.toLowerCase());
    }
  });

  test("is nothing that anybody else's credential is taken for: the control", () => {
    const { traps, kinds } = setUp();
    const other = put("AKIA", m.alnum(16).toUpperCase());
    const text = `${other} ${put("gh", "p_", withChecksum(m.alnum(30)))} ${token.slice(0, 12)}`;
    const look = traps.lookAt("a.test", undefined);
    const context = { looker: look.looker, coverage: look.beginCoverage() };
    look.judge(lookAtBody(context, Buffer.from(text), []));
    traps.lookAtHead("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443", { host: "a.test" });
    expect(kinds()).toEqual([]);
  });

  test("in what Claude's API is sent is counted once a body, and freezes nothing", () => {
    const { traps, events } = setUp();
    for (const text of [`I read "${value}" and again ${value}`, "nothing", JSON.stringify(value)]) {
      const counting = traps.countIn("api.test");
      counting.push(Buffer.from(text.slice(0, 12)));
      counting.push(Buffer.from(text.slice(12)));
      counting.end();
    }
    expect(events).toMatchObject([
      { event: "trap", canary: "aws", host: "api.test", verdict: "told", count: 1 },
      { event: "trap", canary: "aws", host: "api.test", verdict: "told", count: 2 },
    ]);
  });
});
