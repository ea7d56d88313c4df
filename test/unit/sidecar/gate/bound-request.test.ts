import { describe, expect, test } from "bun:test";
import { readBoundRequest } from "../../../../src/sidecar/gate/bound-request.ts";
import { Refusal } from "../../../../src/sidecar/gate/refusal.ts";

const value = { name: "A", placeholder: "cb-secret-a-0123", value: "real-a" };
const other = { name: "B", placeholder: "cb-secret-b-4567" };
const host = "h.example";

function read(method: string, url: string, ...headers: readonly string[]) {
  const rawHeaders = ["Host", host, ...headers];
  return readBoundRequest({ method, url, rawHeaders }, host, [value], [value, other]);
}

const fails = (method: string, url: string, rawHeaders: string[]) => {
  try {
    readBoundRequest({ method, url, rawHeaders }, host, [value], []);
  } catch (error) {
    return error instanceof Refusal ? error.status : error;
  }
  return "taken";
};

describe("readBoundRequest()", () => {
  test("writes host, encoding and framing anew and drops what is of this hop", () => {
    const hop = [
      "Connection",
      "keep-alive, X-Hop",
      "X-Hop",
      "1",
      "Keep-Alive",
      "1",
      "Proxy-Authorization",
      "x",
    ];
    const more = [
      "TE",
      "trailers",
      "Upgrade",
      "h2c",
      "Expect",
      "100-continue",
      "Accept-Encoding",
      "gzip",
      "X-A",
      "1",
    ];
    expect(read("POST", "/p?q", ...hop, ...more, "Content-Length", "3")).toEqual({
      method: "POST",
      path: "/p?q",
      headers: [
        ["Host", host],
        ["Accept-Encoding", "identity"],
        ["X-A", "1"],
        ["Content-Length", "3"],
      ],
      leftOut: [],
      used: [],
      blocked: [],
      hasBody: true,
    });
  });

  test.each([
    ["GET", [], undefined, false],
    ["POST", [], "Content-Length: 0", false],
    ["DELETE", ["content-length", "0"], "Content-Length: 0", false],
    ["GET", ["transfer-encoding", "Chunked"], "Transfer-Encoding: chunked", true],
  ])("frames %s with %j", (method, headers, line, hasBody) => {
    const request = read(method, "/", ...headers);
    expect(request.headers.slice(2).map((pair) => pair.join(": "))[0]).toBe(line);
    expect(request.hasBody).toBe(hasBody);
  });

  test.each([[], ["Authorization", `Bearer ${value.placeholder}`]])(
    "asks for no part of an answer and for no other alphabet, and says what it left out: %j",
    (...credential) => {
      const asking = [
        "Range",
        "bytes=0-7",
        "If-Range",
        "x",
        "Accept-Charset",
        "utf-16",
        "X-Ms-Range",
        "bytes=1-2",
      ];
      const request = read("GET", "/", ...credential, ...asking, "Range", "bytes=8-");
      const names = request.headers.map(([name]) => name.toLowerCase());
      expect(names.filter((name) => name !== "authorization")).toEqual(["host", "accept-encoding"]);
      expect(request.leftOut).toEqual(["range", "if-range", "accept-charset", "x-ms-range"]);
    },
  );

  test("says what was put in and what came elsewhere", () => {
    const request = read(
      "GET",
      "/?x=cb-secret-b-4567",
      "X-Api-Key",
      "cb-secret-a-0123",
      "X-Y",
      "cb-secret-a-0123",
    );
    expect(request.headers).toContainEqual(["X-Api-Key", "real-a"]);
    expect(request.headers).toContainEqual(["X-Y", "cb-secret-a-0123"]);
    expect(request.used).toEqual(["A"]);
    expect(request.blocked).toEqual([
      { name: "B", where: "address" },
      { name: "A", where: "header" },
    ]);
  });

  test.each<[string, unknown, string, string[]]>([
    ["no Host", 421, "/", []],
    ["another Host", 421, "/", ["Host", "evil.example"]],
    ["another port", 421, "/", ["Host", "h.example:8443"]],
    ["two Hosts", 421, "/", ["Host", host, "host", host]],
    ["an absolute address", 400, "http://evil.example/", ["Host", host]],
    ["an address with a space", 400, "/a b", ["Host", host]],
    ["two lengths", 400, "/", ["Host", host, "Content-Length", "1", "Content-Length", "1"]],
    ["both lengths", 400, "/", ["Host", host, "Content-Length", "1", "Transfer-Encoding", "chunked"]],
    ["an odd length", 400, "/", ["Host", host, "Content-Length", "+1"]],
    ["an odd encoding", 400, "/", ["Host", host, "Transfer-Encoding", "gzip, chunked"]],
    ["its own name and port", "taken", "/", ["Host", "H.example:443"]],
  ])("%s: %p", (_name, outcome, url, headers) => {
    expect(fails("GET", url, headers)).toBe(outcome);
  });
});

test("an address begins with a slash; only OPTIONS may ask for all of a server", () => {
  const taken = (method: string, url: string) => fails(method, url, ["Host", host]);
  expect([taken("OPTIONS", "*"), taken("GET", "/")]).toEqual(["taken", "taken"]);
  for (const method of ["GET", "POST", "options", ""])
    expect([method, taken(method, "*")]).toEqual([method, 400]);
  for (const url of ["", "x", "**", "*/", "/a b", "/\u00e4", "https://h.example/"])
    expect([url, taken("OPTIONS", url)]).toEqual([url, 400]);
});
