import { describe, expect, test } from "bun:test";
import { parseClientHello } from "../../../../src/sidecar/gate/client-hello.ts";
import { makeClientHello, makeRecords } from "../../../support/client-hello.ts";

const hello = makeClientHello({ serverNames: ["example.com"] });

describe("the server name of a ClientHello", () => {
  test("is found, and until the last byte has come there is no verdict", () => {
    for (let length = 0; length < hello.length; length += 1) {
      expect(parseClientHello(hello.subarray(0, length))).toEqual({ kind: "partial" });
    }
    expect(parseClientHello(hello)).toEqual({ kind: "hello", serverName: "example.com", isHiding: false });
  });

  test("is found when the message is split over records of any size", () => {
    for (const recordBytes of [1, 2, 3, 5, 64, 200]) {
      const split = makeClientHello({ serverNames: ["example.com"], recordBytes });
      expect(parseClientHello(split)).toEqual({ kind: "hello", serverName: "example.com", isHiding: false });
    }
  });

  test("is found when early data follows in records of other types", () => {
    const early = Buffer.from([20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 2, 9, 9]);
    expect(parseClientHello(Buffer.concat([hello, early]))).toEqual({
      kind: "hello",
      serverName: "example.com",
      isHiding: false,
    });
  });

  test("is undefined when the extension is missing", () => {
    expect(parseClientHello(makeClientHello({}))).toEqual({
      kind: "hello",
      serverName: undefined,
      isHiding: false,
    });
  });

  test("is handed on as sent, so that the one host grammar judges it", () => {
    const odd = makeClientHello({ serverNames: ["evil.com\0.example.com"] });
    expect(parseClientHello(odd)).toEqual({
      kind: "hello",
      serverName: "evil.com\0.example.com",
      isHiding: false,
    });
  });
});

describe("not TLS", () => {
  test.each([
    ["an HTTP request", Buffer.from("GET / HTTP/1.1\r\n")],
    ["an SSH greeting", Buffer.from("SSH-2.0-OpenSSH\r\n")],
    ["two names in one list", makeClientHello({ serverNames: ["a.example", "b.example"] })],
    ["two server name extensions", makeClientHello({ serverNames: ["a.example"], repeats: 2 })],
    ["more behind the extensions", makeClientHello({ serverNames: ["a.example"], rest: Buffer.from([0]) })],
    ["a datagram's record (DTLS)", Buffer.from([22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1])],
    ["a hello of SSL 2", Buffer.from([0x80, 0x2e, 1, 3, 1])],
    ["another handshake message", makeRecords(Buffer.from([2, 0, 0, 1, 0]), 100)],
    ["an empty record", Buffer.from([22, 3, 1, 0, 0])],
    ["a record of SSL 2", Buffer.from([22, 2, 0, 0, 5])],
    ["an alert in front", Buffer.concat([Buffer.from([21, 3, 1, 0, 2, 1, 0]), hello])],
    ["a hello that claims 16 MB", makeRecords(Buffer.from([1, 255, 255, 255, 3, 3]), 100)],
  ])("is what %s is", (_name, bytes) => {
    expect(parseClientHello(bytes)).toEqual({ kind: "not-tls" });
  });

  test("is what a message is whose inner lengths run past its end, and nothing throws", () => {
    for (let at = 9; at < hello.length; at += 1) {
      const broken = Buffer.from(hello);
      broken[at] = 0xff;
      expect(["hello", "not-tls", "partial"]).toContain(parseClientHello(broken).kind);
    }
  });
});
