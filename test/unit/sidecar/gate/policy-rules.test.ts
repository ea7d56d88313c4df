import { expect, test } from "bun:test";
import type { GateDestination } from "../../../../src/protocol/gate-destination.ts";
import { Policy } from "../../../../src/sidecar/gate/policy.ts";

const make = (
  host: string,
  allow?: readonly string[],
  more: Partial<GateDestination> = {},
): GateDestination => ({
  host,
  port: 443,
  protocol: "tls",
  isPrivate: false,
  ...(allow && { rules: { allow, account: "own" } }),
  ...more,
});
const at = (host: string) => ({ host, port: 443 });

test("a rule that is added is one more, whatever it is added to, and comes off again", () => {
  const policy = new Policy([make("a.test", ["GET /a"], { isPrivate: true }), make("*.b.test", ["GET /b"])]);
  policy.allow(make("a.test", ["POST /x"]));
  policy.allow(make("a.test", ["POST /y"]));
  expect(policy.find(at("a.test"))).toEqual(
    make("a.test", ["GET /a", "POST /x", "POST /y"], { isPrivate: true }),
  );
  policy.allow(make("c.b.test", ["POST /x"]));
  expect(policy.find(at("c.b.test")).rules?.allow).toEqual(["GET /b", "POST /x"]);
  expect(policy.find(at("d.b.test")).rules?.allow).toEqual(["GET /b"]);
  policy.forget("a.test", 443);
  expect(policy.find(at("a.test")).rules?.allow).toEqual(["GET /a"]);
});

test("a rule never narrows, and the whole host goes before it", () => {
  const policy = new Policy([make("a.test"), make("b.test", ["GET /b"])]);
  expect(policy.allow(make("a.test", ["GET /a"])).rules).toBeUndefined();
  expect(policy.find(at("a.test")).rules).toBeUndefined();
  policy.allow(make("b.test"));
  expect(policy.find(at("b.test")).rules).toBeUndefined();
});

test("what the user has blocked is allowed again by the rule alone", () => {
  const policy = new Policy([make("a.test", ["GET /a"])]);
  policy.deny("a.test", 443);
  policy.allow(make("a.test", ["POST /x"]));
  expect(policy.find(at("a.test")).rules?.allow).toEqual(["POST /x"]);
});

test("the name itself goes before patterns, and a longer pattern before a shorter one", () => {
  const policy = new Policy([
    make("*.test.example"),
    make("*.a.test.example", ["GET /a"]),
    make("b.a.test.example", ["GET /b"]),
  ]);
  expect(policy.find(at("x.test.example")).rules).toBeUndefined();
  expect(policy.find(at("x.a.test.example")).rules?.allow).toEqual(["GET /a"]);
  expect(policy.find(at("b.a.test.example")).rules?.allow).toEqual(["GET /b"]);
});
