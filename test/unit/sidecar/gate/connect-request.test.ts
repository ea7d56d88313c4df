import { describe, expect, test } from "bun:test";
import { parseConnect } from "../../../../src/sidecar/gate/connect-request.ts";
import { Refusal } from "../../../../src/sidecar/gate/refusal.ts";

describe("a CONNECT request", () => {
  test.each([
    ["example.com:443", "example.com", 443],
    ["EXAMPLE.com:443", "example.com", 443],
    ["example.com.:443", "example.com", 443],
    ["xn--bcher-kva.example:443", "xn--bcher-kva.example", 443],
    ["192.0.2.1:22", "192.0.2.1", 22],
    ["git.test:65535", "git.test", 65_535],
  ])("for %s asks for the canonical %s port %d", (target, host, port) => {
    expect(parseConnect(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}`)).toEqual({ host, port });
  });

  test("may be of HTTP 1.0 and without headers, as netcat sends it", () => {
    expect(parseConnect("CONNECT git.test:22 HTTP/1.0")).toEqual({ host: "git.test", port: 22 });
  });

  test("goes where its request line says, whatever its Host header says", () => {
    expect(parseConnect("CONNECT a.example:443 HTTP/1.1\r\nHost: b.example:443").host).toBe("a.example");
  });

  test.each([
    ["a NUL byte", "evil.com\0.example.com:443"],
    ["a user name", "user@example.com:443"],
    ["no port", "example.com"],
    ["port 0", "example.com:0"],
    ["a leading zero", "example.com:0443"],
    ["a plus", "example.com:+443"],
    ["a hexadecimal port", "example.com:0x1bb"],
    ["a port too high", "example.com:65536"],
    ["two ports", "example.com:443:443"],
    ["an octal address", "0177.0.0.1:443"],
    ["a hexadecimal address", "0x7f000001:443"],
    ["a decimal address", "2130706433:443"],
    ["a short address", "127.1:443"],
    ["an IPv6 address", "[::1]:443"],
    ["an address mapped into IPv6", "[::ffff:192.0.2.1]:443"],
    ["a backslash", "a.example\\@b.example:443"],
    ["an IPv6 zone", "[fe80::1%25eth0]:443"],
    ["an empty label", "a..example:443"],
    ["two trailing dots", "example.com..:443"],
    ["letters outside ASCII", "bücher.example:443"],
    ["a percent escape", "example%2ecom:443"],
    ["a path", "example.com:443/"],
    ["a wildcard", "*.example.com:443"],
    ["two targets", "example.com:443 other.example:443"],
    ["a tab", "example.com:443\t"],
  ])("is malformed with %s", (_name, target) => {
    expect(refusalOf(`CONNECT ${target} HTTP/1.1`)).toMatchObject({ code: "malformed", status: 400 });
  });

  test.each([
    ["two Host headers", "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nhost: b.example:443"],
    ["a body", "CONNECT a.example:443 HTTP/1.1\r\nContent-Length: 3"],
    ["a chunked body", "CONNECT a.example:443 HTTP/1.1\r\nTransfer-Encoding: chunked"],
    ["a folded header", "CONNECT a.example:443 HTTP/1.1\r\nA: b\r\n c"],
    ["a space before the colon", "CONNECT a.example:443 HTTP/1.1\r\nHost : a.example"],
    ["a header without a colon", "CONNECT a.example:443 HTTP/1.1\r\nHost"],
    ["HTTP 2", "CONNECT a.example:443 HTTP/2.0"],
    ["the preface of HTTP 2", "PRI * HTTP/2.0"],
    ["a list of encodings", "CONNECT a.example:443 HTTP/1.1\r\nTransfer-Encoding: identity, chunked"],
    ["a tab after its method", "CONNECT\ta.example:443 HTTP/1.1"],
    ["two spaces", "CONNECT  a.example:443 HTTP/1.1"],
    ["a method in lower case", "connect a.example:443 HTTP/1.1"],
    ["no version", "CONNECT a.example:443"],
  ])("is malformed with %s", (_name, head) => {
    expect(refusalOf(head)).toMatchObject({ code: "malformed", status: 400 });
  });
});

describe("another request", () => {
  test("for a plain http address is told about https and reported with its host", () => {
    expect(refusalOf("GET http://Example.com/a?b HTTP/1.1")).toMatchObject({
      code: "plain-http",
      target: { host: "example.com", port: 80 },
    });
    expect(refusalOf("POST http://example.com:8080 HTTP/1.1").target).toEqual({
      host: "example.com",
      port: 8080,
    });
  });

  test("for an https address without CONNECT is malformed", () => {
    expect(refusalOf("GET https://example.com/ HTTP/1.1")).toMatchObject({ code: "malformed", status: 400 });
  });

  test.each(["/", "/health", "/fetch?url=https://example.com", "*", "http://user@example.com/"])(
    "for %s finds nothing here",
    (target) => {
      expect(refusalOf(`GET ${target} HTTP/1.1`)).toMatchObject({ code: "malformed", status: 404 });
    },
  );
});

function refusalOf(head: string): Refusal {
  try {
    parseConnect(head);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error(`not refused: ${head}`);
}
