/** What an agent may ask for: one host that the user can read, in one line that shows as it is. */
import { describe, expect, test } from "bun:test";
import { readAsk } from "../../../../src/sidecar/gate/read-ask.ts";

const read = (host: unknown, reason: unknown = "to install", wait?: unknown) =>
  readAsk({ host, reason, wait }, { apiHost: "api.anthropic.com", waitMs: 90_000 });

test("a host, a reason and a wait are read in their canonical form", () => {
  // The control of what is refused below: what is in order is taken
  expect(read("NPM.Example.org.", " install \n the   packages ")).toEqual({
    pair: { host: "npm.example.org", port: 443 },
    protocol: "tls",
    reason: "install the packages",
    waitMs: 90_000,
  });
  expect(read("npm.test:443")).toMatchObject({ pair: { host: "npm.test", port: 443 } });
  expect(read("xn--gthub-2of.com")).toMatchObject({ pair: { host: "xn--gthub-2of.com" } });
});

test.each([
  ["db.example.com:5432", "tcp", 5432, "tcp"],
  ["registry.example.com:5000", undefined, 5000, "tls"],
  ["example.com:80", undefined, 80, "http"],
  ["example.com:80", "tls", 80, "tls"],
  ["mirror.example.com:4873", "http", 4873, "http"],
])("%s of the kind %s is asked for as what it is", (host, kind, port, protocol) => {
  const asked = readAsk({ host, kind, reason: "x" }, { apiHost: undefined, waitMs: 1 });
  expect(asked).toMatchObject({ pair: { port }, protocol });
});

test("a kind that there is not is refused", () => {
  for (const kind of ["udp", "", 1, {}])
    expect(readAsk({ host: "a.test", kind, reason: "x" }, { apiHost: undefined, waitMs: 1 })).toMatchObject({
      verdict: "refused",
    });
});

test("nobody waits longer than a quarter of an hour, and a wait of nothing is one", () => {
  expect(read("a.test", "x", 900)).toMatchObject({ waitMs: 900_000 });
  expect(read("a.test", "x", 901)).toMatchObject({ waitMs: 900_000 });
  expect(read("a.test", "x", 0)).toMatchObject({ waitMs: 0 });
  for (const wait of [-1, Number.NaN, "60", null])
    expect(read("a.test", "x", wait)).toMatchObject({ waitMs: 90_000 });
});

describe("is refused before anybody sees it", () => {
  test.each([
    ["no host", undefined],
    ["an object", { toString: "x" }],
    ["a pattern", "*.example.com"],
    ["everything", "*"],
    ["letters of another alphabet", "gіthub.com"],
    ["a control character", "a\u001b[2Jb.test"],
    ["a line break", "a.test\nb.test"],
    ["text that runs backwards", "a\u202etset.test"],
    ["an address", "93.184.216.34"],
    ["an address of the machine's network", "169.254.169.254"],
    ["a private address", "10.0.0.5"],
    ["an address in another form", "0x7f.1"],
    ["an address of IPv6", "[::1]"],
    ["the bottle itself", "localhost"],
    ["a name of the bottle itself", "a.localhost:443"],
    ["the gate", "gate"],
    ["what the sidecar alone reaches", "api.anthropic.com"],
    ["ssh", "git.example.com:22"],
    ["a port that there is not", "example.com:65536"],
    ["no port", "example.com:0"],
    ["an address of a page", "https://example.com/x"],
    ["a user's name", "github.com@evil.test"],
    ["a name too long", `${"a".repeat(60)}.`.repeat(5)],
  ])("%s", (_what, host) => {
    expect(read(host)).toEqual({ verdict: "refused", message: expect.any(String) });
  });

  test.each([
    ["no reason", undefined],
    ["an empty one", " \n "],
    ["no text", 5],
    ["a control character", "see \u001b]0;owned\u0007"],
    ["text that runs backwards", "safe \u202eelif"],
    ["a character that shows nothing", "a\u200bb"],
    ["marks that leave their line", `a${"\u0300".repeat(3)}`],
    ["one character too many", "x".repeat(161)],
  ])("as a reason: %s", (_what, reason) => {
    expect(readAsk({ host: "a.test", reason }, { apiHost: undefined, waitMs: 1 })).toEqual({
      verdict: "refused",
      message: expect.any(String),
    });
  });

  test("nothing at all", () => {
    for (const fields of [undefined, null, 5, "x", []])
      expect(readAsk(fields, { apiHost: undefined, waitMs: 1 })).toMatchObject({ verdict: "refused" });
  });
});

test("a reason in any language, of exactly the longest length, is taken", () => {
  expect(read("a.test", "é".repeat(160))).toMatchObject({ reason: "é".repeat(160) });
  expect(read("a.test", `für die Abhängigkeiten a${"\u0300".repeat(2)}`)).not.toHaveProperty("verdict");
});

test("no message shows what a terminal would obey", () => {
  const { message } = read("a\u001b]0;x\u0007.test") as { readonly message: string };
  expect(message).toStartWith(String.raw`"a\x1b]0;x\x07.test" is not`);
});
