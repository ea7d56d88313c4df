import { describe, expect, test } from "bun:test";
import { parsePlainRequest } from "../../../../src/sidecar/gate/plain-request.ts";

const line = "GET http://Example.com/a?b=c HTTP/1.1";

describe("a plain http request", () => {
  test("is understood as what goes on: canonical host, path as sent, headers of the whole way", () => {
    const request = parsePlainRequest(
      [
        "POST http://Example.COM./upload?x=1 HTTP/1.1",
        "Host: other.test",
        "Content-Length: 12",
        "Connection: keep-alive, X-Hop",
        "X-Hop: 1",
        "Proxy-Authorization: Basic eA==",
        "Upgrade: h2c",
        "TE: trailers",
        "Expect: 100-continue",
        "X-Kept:  two words ",
      ].join("\r\n"),
    );
    expect(request).toEqual({
      method: "POST",
      host: "example.com",
      port: 80,
      path: "/upload?x=1",
      headers: [["x-kept", "two words"]],
      bodyLength: 12,
      problem: undefined,
    });
  });

  test("without a path asks for the root, and port 80 may be written", () => {
    expect(parsePlainRequest("GET http://a.test HTTP/1.0")).toMatchObject({ path: "/", port: 80 });
    expect(parsePlainRequest("GET http://a.test:80/x HTTP/1.1")).toMatchObject({
      host: "a.test",
      path: "/x",
    });
  });

  test.each([
    ["a port that is none", "GET http://a.test:65536/ HTTP/1.1"],
    ["a port written in another way", "GET http://a.test:08080/ HTTP/1.1"],
    ["https", "GET https://a.test/ HTTP/1.1"],
    ["CONNECT", "CONNECT http://a.test/ HTTP/1.1"],
    ["TRACE", "TRACE http://a.test/ HTTP/1.1"],
    ["a user name", "GET http://user@a.test/ HTTP/1.1"],
    ["a query without a path", "GET http://a.test?x HTTP/1.1"],
    ["a fragment", "GET http://a.test/#x HTTP/1.1"],
    ["a space in the path", "GET http://a.test/a b HTTP/1.1"],
    ["the path alone", "GET /fetch?url=http://a.test HTTP/1.1"],
    ["an octal address", "GET http://0177.0.0.1/ HTTP/1.1"],
    ["HTTP 2", "GET http://a.test/ HTTP/2.0"],
    ["a folded header", `${line}\r\nA: b\r\n c: d`],
    ["a space before the colon", `${line}\r\nHost : a`],
  ])("is none with %s", (_name, head) => {
    expect(parsePlainRequest(head)).toBeUndefined();
  });

  test.each([
    ["two Host headers", "Host: a\r\nHost: b", 400],
    ["a chunked body", "Transfer-Encoding: chunked", 411],
    ["a chunked body under a length", "Content-Length: 3\r\nTransfer-Encoding: identity, chunked", 411],
    ["two lengths", "Content-Length: 3\r\nContent-Length: 3", 400],
    ["a list of lengths", "Content-Length: 3, 3", 400],
    ["a signed length", "Content-Length: +3", 400],
    ["a hexadecimal length", "Content-Length: 0x3", 400],
    ["a length with a zero in front", "Content-Length: 03", 400],
    ["a body too long", "Content-Length: 5242881", 413],
  ])("has a problem with %s", (_name, headers, status) => {
    expect(parsePlainRequest(`${line}\r\n${headers}`)?.problem).toMatchObject({ status });
  });
});
