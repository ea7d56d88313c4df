import { describe, expect, test } from "bun:test";
import { isIpv4, matchesHostPattern, parseHostName, parseHostPattern } from "../../../src/core/host-name.ts";

describe("parseHostName()", () => {
  test.each([
    ["github.com", "github.com"],
    ["GitHub.COM.", "github.com"],
    ["gitea", "gitea"],
    ["_dmarc.example.com", "_dmarc.example.com"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["a-b.c--d.example", "a-b.c--d.example"],
    ["10.0.0.2", "10.0.0.2"],
    [`${"a".repeat(63)}.example`, `${"a".repeat(63)}.example`],
  ])("takes %s as %s", (text, host) => {
    expect(parseHostName(text)).toEqual({ ok: true, host });
  });

  test.each([
    ["", "it is empty"],
    [".", "it has an empty label"],
    ["a..b", "it has an empty label"],
    ["a.b..", "it has an empty label"],
    ["https://github.com", "it has a scheme; write the host alone"],
    ["github.com:443", "it has a port; write the host alone"],
    ["github.com/x", "it has a path; write the host alone"],
    ["github.com?x", '"com?x" is not a valid label'],
    ["github.com#x", '"com#x" is not a valid label'],
    ["github.com\\@evil.example", "it has a user name; write the host alone"],
    ["10.0.0.0/8", "address ranges cannot be listed"],
    ["user@github.com", "it has a user name; write the host alone"],
    ["[::1]", "IPv6 addresses are not supported; write a name"],
    ["::1", "IPv6 addresses are not supported; write a name"],
    ["fe80::1%eth0", "IPv6 addresses are not supported; write a name"],
    ["bücher.example", "it has a character outside printable ASCII; write international names in punycode"],
    [
      "\u212Aelvin.example",
      "it has a character outside printable ASCII; write international names in punycode",
    ],
    ["github\u3002com", "it has a character outside printable ASCII; write international names in punycode"],
    [
      "evil.example\0.github.com",
      "it has a character outside printable ASCII; write international names in punycode",
    ],
    ["github.com\n", "it has a character outside printable ASCII; write international names in punycode"],
    [" github.com", "it has a character outside printable ASCII; write international names in punycode"],
    ["*.github.com", '"*" is not a valid label'],
    ["git*.com", "* may only come first, as in *.example.com"],
    ["-a.example", '"-a" is not a valid label'],
    ["a-.example", '"a-" is not a valid label'],
    ["%67ithub.com", '"%67ithub" is not a valid label'],
    [`${"a".repeat(64)}.example`, `"${"a".repeat(64)}" is not a valid label`],
    [`${"a.".repeat(130)}example`, "it is longer than 253 characters"],
    ["0177.0.0.1", "it looks like an address but is not four decimal numbers of 0 to 255"],
    ["0x7f.1", "it looks like an address but is not four decimal numbers of 0 to 255"],
    ["0x7f000001", "it looks like an address but is not four decimal numbers of 0 to 255"],
    ["2130706433", "it looks like an address but is not four decimal numbers of 0 to 255"],
    ["127.1", "it looks like an address but is not four decimal numbers of 0 to 255"],
    ["10.0.0.256", "it looks like an address but is not four decimal numbers of 0 to 255"],
    ["example.0x", "it looks like an address but is not four decimal numbers of 0 to 255"],
  ])("refuses %j", (text, problem) => {
    expect(parseHostName(text)).toEqual({ ok: false, problem });
  });

  test("gives names that a URL reads the same way", () => {
    for (const text of ["GitHub.COM.", "a-b.example", "_x.example", "10.0.0.2", "xn--bcher-kva.example"]) {
      const parsed = parseHostName(text);
      expect(parsed.ok && new URL(`https://${parsed.host}/`).hostname).toBe(parsed.ok && parsed.host);
    }
  });
});

describe("parseHostPattern()", () => {
  test.each([
    ["*.Example.com.", "*.example.com"],
    ["github.com", "github.com"],
  ])("takes %s as %s", (text, host) => {
    expect(parseHostPattern(text)).toEqual({ ok: true, host });
  });

  test.each([
    ["*", "a bare * would allow every host"],
    ["*.", "a bare * would allow every host"],
    ["*.com", "* must come before a name with at least two labels"],
    ["*.com.", "* must come before a name with at least two labels"],
    ["*.10.0.0.2", "* cannot come before an address"],
    ["*.*.example.com", '"*" is not a valid label'],
    ["*.a.*.example", "* may only come first, as in *.example.com"],
    ["**.example.com", "* may only come first, as in *.example.com"],
    ["*example.com", "* may only come first, as in *.example.com"],
    ["*..example.com", "it has an empty label"],
    ["*.example.com:443", "it has a port; write the host alone"],
  ])("refuses %j", (text, problem) => {
    expect(parseHostPattern(text)).toEqual({ ok: false, problem });
  });
});

describe("matchesHostPattern()", () => {
  test.each([
    ["github.com", "github.com", true],
    ["api.github.com", "github.com", false],
    ["github.com", "*.github.com", true],
    ["a.b.github.com", "*.github.com", true],
    ["evilgithub.com", "*.github.com", false],
    ["github.com.evil.example", "*.github.com", false],
    ["github.com", "*.api.github.com", false],
  ])("%s under %s is %p", (host, pattern, isNamed) => {
    expect(matchesHostPattern(host, pattern)).toBe(isNamed);
  });
});

describe("isIpv4()", () => {
  test.each([
    ["0.0.0.0", true],
    ["255.255.255.255", true],
    ["1.2.3", false],
    ["1.2.3.4.5", false],
    ["01.2.3.4", false],
    ["1.2.3.4.", false],
    ["1.2.3.1e1", false],
  ])("of %s is %p", (text, isAddress) => {
    expect(isIpv4(text)).toBe(isAddress);
  });
});
