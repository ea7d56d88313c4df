import { describe, expect, test } from "bun:test";
import { hasForeignShape, lookForCredentials } from "../../../../src/sidecar/gate/foreign-credential.ts";
import { SetCookies } from "../../../../src/sidecar/gate/set-cookies.ts";
import { makeUp, put, withChecksum } from "../../../support/inspect/made-up.ts";

const m = makeUp(5);
const foreign = put("gh", "p_", withChecksum(m.alnum(30)));
const own = "claude-bottle-own-placeholder";
const credentials = {
  texts: new Set([own]),
  worthless: new Set(["claude-bottle-placeholder"]),
  hasCookie: (pair: string) => pair === "s=1",
};
const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
const look = (name: string, value: string, query = "") =>
  lookForCredentials([[name, value]], query, credentials);

describe("lookForCredentials()", () => {
  test.each([
    ["Authorization", `Bearer ${own}`],
    ["Authorization", `token ${own}`],
    ["authorization", own],
    ["Authorization", basic("x-access-token", own)],
    ["Authorization", basic(own, "")],
    ["Private-Token", own],
    ["X_Api_Key", own],
  ])("knows this bottle's in %s: %s", (name, value) => {
    expect(look(name, value)).toEqual({ foreign: undefined, hasOwn: true });
  });

  test.each([
    ["Accept", "application/json"],
    ["X-CSRF-Token", "abc"],
    ["Idempotency-Key", "abc"],
    ["Cookie", "s=1"],
    ["Authorization", "Bearer claude-bottle-placeholder"],
    ["Authorization", basic("x", "claude-bottle-placeholder")],
    ["Authorization", ""],
    ["X-GitHub-Api-Version", "2022-11-28"],
    ["npm-command", "install"],
    // No server takes it for a credential; where the host is inspected it is found as a secret that leaves
    ["X-Note", `see ${foreign}`],
  ])("finds none in %s: %s", (name, value) => {
    expect(look(name, value)).toEqual({ foreign: undefined, hasOwn: false });
  });

  test.each([
    ["Authorization", `Bearer ${foreign}`],
    ["Authorization", "Bearer x"],
    ["Authorization", `Bearer ${own}, Bearer ${foreign}`],
    ["Authorization", `${own} x`],
    ["Authorization", "AWS4-HMAC-SHA256 Credential=A/1/us/s3/aws4_request, SignedHeaders=h, Signature=1"],
    ["Authorization", basic("me", "password")],
    ["Authorization", basic(foreign, own)],
    ["Authorization", basic(own, foreign)],
    ["Authorization", basic("x".repeat(60), own)],
    ["Proxy-Authorization", "Basic eDp5"],
    ["Cookie", "s=1; t=2"],
    ["Cookie", "s=2"],
    ["X-Api-Key", "abc"],
    ["X_Api_Key", "abc"],
    ["X-My-Service-Token", "abc"],
    ["X-Amz-Security-Token", "abc"],
    ["Signature", "sig1=:abc:"],
  ])("knows a stranger's in %s: %s", (name, value) => {
    expect(look(name, value).foreign).toBe(`header ${name.toLowerCase().replaceAll("_", "-")}`);
  });

  test("reads the query", () => {
    expect(look("A", "b", `access_token=${own}`)).toEqual({ foreign: undefined, hasOwn: true });
    expect(look("A", "b", "page=2&token=x").foreign).toBeUndefined();
    expect(look("A", "b", "access_token=x").foreign).toBe("query access_token");
    expect(look("A", "b", "%61ccess_token=x").foreign).toBe("query access_token");
    expect(look("A", "b", `q=${encodeURIComponent(`a ${foreign}`)}`).foreign).toBe("query q");
  });
});

test("a login call's body is known by the shapes in it", () => {
  expect(hasForeignShape(`{"password":"${foreign}"}`, credentials)).toBe(true);
  expect(hasForeignShape(`{"password":"short"}`, credentials)).toBe(false);
  expect(hasForeignShape(foreign, { ...credentials, texts: new Set([foreign]) })).toBe(false);
});

test("a cookie is the host's that has set it, and only the newest are kept", () => {
  const cookies = new SetCookies();
  cookies.note("a.test", ["s=1; Path=/; HttpOnly", "t=2"]);
  expect([cookies.has("a.test", "s=1"), cookies.has("a.test", "s=2"), cookies.has("b.test", "s=1")]).toEqual([
    true,
    false,
    false,
  ]);
  for (let at = 0; at < 255; at += 1) cookies.note("a.test", [`x${at}=1`]);
  expect([cookies.has("a.test", "s=1"), cookies.has("a.test", "t=2")]).toEqual([false, true]);
});
