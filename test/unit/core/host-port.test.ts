import { describe, expect, test } from "bun:test";
import { parseExactPair, parseHostPort } from "../../../src/core/host-port.ts";

describe("parseHostPort()", () => {
  test.each([
    ["Example.com", { host: "example.com", port: undefined }],
    ["gitea.lan:3000", { host: "gitea.lan", port: 3000 }],
    ["*.example.com:8443", { host: "*.example.com", port: 8443 }],
    ["10.0.0.5:65535", { host: "10.0.0.5", port: 65_535 }],
    ["host.bottle:1", { host: "host.bottle", port: 1 }],
  ])("reads %s", (text, pair) => {
    expect(parseHostPort(text)).toEqual({ ok: true, ...pair });
  });

  test.each([
    "a.test:0",
    "a.test:65536",
    "a.test:080",
    "a.test:",
    "a.test:1e3",
    "a.test:+1",
    "a.test: 1",
    ":443",
    "a:1:2",
    "[::1]:443",
    "::1",
    "http://a.test:1",
    "a@b:1",
    "a.test:1/x",
    "host.bottle",
    "HOST.bottle.",
    "*",
  ])("refuses %s", (text) => {
    expect(parseHostPort(text).ok).toBe(false);
  });
});

describe("parseExactPair()", () => {
  test("reads a name or an address with its port, and nothing else", () => {
    expect(parseExactPair("DB.lan.:5432")).toEqual({ ok: true, host: "db.lan", port: 5432 });
    expect(["db.lan", "*.db.lan:5432", "db.lan:x"].map((text) => parseExactPair(text).ok)).toEqual([
      false,
      false,
      false,
    ]);
  });
});
