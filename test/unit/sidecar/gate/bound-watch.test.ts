import { describe, expect, test } from "bun:test";
import { findPlaceholders, watchBody } from "../../../../src/sidecar/gate/bound-watch.ts";

const watched = [
  { name: "A", placeholder: "cb-secret-a-0123" },
  { name: "B", placeholder: "cb-secret-b-4567" },
];

describe("findPlaceholders()", () => {
  test.each([
    ["/?t=cb-secret-a-0123", ["A"]],
    ["/?t=cb%2Dsecret%2da-0123", ["A"]],
    [`Authorization: Basic ${btoa("me:cb-secret-b-4567")}`, ["B"]],
    ["cb-secret-b-4567 cb-secret-a-0123 cb-secret-a-0123", ["A", "B"]],
    ["cb-secret-a-012", []],
    ["%", []],
    ["", []],
  ])("%j holds %j", (text, names) => {
    expect(findPlaceholders(text, watched)).toEqual(names);
  });
});

describe("watchBody()", () => {
  test("finds each once, wherever the body is split", () => {
    const body = Buffer.from("x cb-secret-a-0123 cb-secret-a-0123 cb-secret-b-4567");
    for (let at = 0; at <= body.length; at += 1) {
      const found: string[] = [];
      const watch = watchBody(watched, (name) => found.push(name));
      watch(body.subarray(0, at));
      watch(body.subarray(at));
      expect([at, found]).toEqual([at, ["A", "B"]]);
    }
  });

  test("finds nothing where nothing is", () => {
    const watch = watchBody(watched, () => expect.unreachable());
    for (const byte of Buffer.from("cb-secret-a-0124".repeat(3))) watch(Buffer.from([byte]));
  });
});
