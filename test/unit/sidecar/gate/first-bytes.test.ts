import { describe, expect, test } from "bun:test";
import { checkFirstBytes } from "../../../../src/sidecar/gate/first-bytes.ts";
import { Refusal } from "../../../../src/sidecar/gate/refusal.ts";
import { makeClientHello } from "../../../support/client-hello.ts";

describe("a tunnel for TLS", () => {
  test.each(["example.com", "EXAMPLE.com", "example.com."])(
    "passes with the server name %s",
    (serverName) => {
      expect(checkFirstBytes(makeClientHello({ serverNames: [serverName] }), "tls", "example.com")).toBe(
        "fine",
      );
    },
  );

  test.each([
    ["another host", "evil.test", "sni-mismatch"],
    ["a host below", "a.example.com", "sni-mismatch"],
    ["a NUL byte", "example.com\0.evil.test", "sni-mismatch"],
    ["an empty name", "", "sni-mismatch"],
  ])("is refused with %s", (_name, serverName, code) => {
    expect(codeOf(makeClientHello({ serverNames: [serverName] }), "tls", "example.com")).toBe(code);
  });

  test("is refused without a server name", () => {
    expect(codeOf(makeClientHello({}), "tls", "example.com")).toBe("sni-missing");
  });

  test("to an address passes only without a server name", () => {
    expect(checkFirstBytes(makeClientHello({}), "tls", "192.0.2.1")).toBe("fine");
    expect(codeOf(makeClientHello({ serverNames: ["192.0.2.1"] }), "tls", "192.0.2.1")).toBe("sni-mismatch");
    expect(codeOf(makeClientHello({ serverNames: ["example.com"] }), "tls", "192.0.2.1")).toBe(
      "sni-mismatch",
    );
  });

  test("is refused at its first byte if that is not TLS", () => {
    expect(codeOf(Buffer.from("G"), "tls", "example.com")).toBe("not-tls");
    expect(codeOf(Buffer.from("SSH-2.0-x\r\n"), "tls", "example.com")).toBe("not-tls");
  });

  test("waits for a large hello, and not for ever", () => {
    const large = makeClientHello({ serverNames: ["example.com"], padding: 40_000 });
    expect(checkFirstBytes(large.subarray(0, -1), "tls", "example.com")).toBe("more");
    expect(checkFirstBytes(large, "tls", "example.com")).toBe("fine");
    const endless = makeClientHello({ padding: 65_000, recordBytes: 1 }).subarray(0, 70_000);
    expect(codeOf(endless, "tls", "example.com")).toBe("not-tls");
  });
});

describe("a tunnel for SSH", () => {
  test("passes with SSH's greeting, and waits while it may still become one", () => {
    for (let length = 0; length < 8; length += 1) {
      expect(checkFirstBytes(Buffer.from("SSH-2.0-").subarray(0, length), "ssh", "git.test")).toBe("more");
    }
    expect(checkFirstBytes(Buffer.from("SSH-2.0-OpenSSH_9.2\r\n"), "ssh", "git.test")).toBe("fine");
    expect(checkFirstBytes(Buffer.from("SSH-1.99-old"), "ssh", "git.test")).toBe("fine");
  });

  test.each(["SSH-1.5-older\r\n", "GET / HTTP/1.1\r\n", "\u0016\u0003\u0001"])(
    "is refused with %p",
    (text) => {
      expect(codeOf(Buffer.from(text), "ssh", "git.test")).toBe("not-ssh");
    },
  );
});

function codeOf(...args: Parameters<typeof checkFirstBytes>): string {
  const verdict = checkFirstBytes(...args);
  return verdict instanceof Refusal ? verdict.code : verdict;
}
