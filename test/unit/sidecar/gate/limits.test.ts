/** Each limit of the gate exactly at it, one below and one above. */
import { describe, expect, test } from "bun:test";
import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { putValuesIn } from "../../../../src/sidecar/gate/bound-headers.ts";
import { makeSecretUses } from "../../../../src/sidecar/gate/bound-uses.ts";
import { maxHelloBytes } from "../../../../src/sidecar/gate/client-hello.ts";
import { checkFirstBytes } from "../../../../src/sidecar/gate/first-bytes.ts";
import { JsonReader } from "../../../../src/sidecar/gate/json-reader.ts";
import { parseGateMessage } from "../../../../src/sidecar/gate/messages.ts";
import { oneByOne } from "../../../../src/sidecar/gate/one-by-one.ts";
import { parsePlainRequest } from "../../../../src/sidecar/gate/plain-request.ts";
import { Refusal, renderRefusalBody } from "../../../../src/sidecar/gate/refusal.ts";
import { readHead } from "../../../../src/sidecar/gate/request-head.ts";
import { makeClientHello } from "../../../support/client-hello.ts";

/** How a text ends for the reader of JSON, or what it tells of its only string. */
function readJson(text: string): string | undefined {
  let told: string | undefined = "read";
  const reader = new JsonReader({
    open: () => {},
    close: () => {},
    key: () => {},
    word: () => {},
    text: (value) => (told = value),
  });
  try {
    reader.push(Buffer.from(text));
    reader.end();
    return told;
  } catch (error) {
    return (error as Error).message;
  }
}

describe("JSON", () => {
  test("has words of up to 64 characters", () => {
    expect(readJson("1".repeat(64))).toBe("read");
    expect(readJson("1".repeat(65))).toBe("it holds a word that is too long");
  });

  test("is nested up to 512 levels", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    expect(readJson(nested(512))).toBe("read");
    expect(readJson(nested(513))).toBe("it is nested too deeply");
  });

  test("has strings of up to 511 bytes with their content, and longer ones without", () => {
    expect(readJson(`"${"x".repeat(511)}"`)).toBe("x".repeat(511));
    expect(readJson(`"${"x".repeat(512)}"`)).toBeUndefined();
  });
});

test("a hello that is not whole is waited for up to the limit, and no byte longer", () => {
  const wanted = { protocol: "tls", host: "a.test", isOpened: false } as const;
  const endless = makeClientHello({ padding: 65_000, recordBytes: 1 });
  expect(checkFirstBytes(endless.subarray(0, maxHelloBytes), wanted)).toBe("more");
  expect(checkFirstBytes(endless.subarray(0, maxHelloBytes + 1), wanted)).toBeInstanceOf(Refusal);
});

describe("a message", () => {
  const take = (message: object) => () => parseGateMessage(JSON.stringify(message));
  const destination = (port: number) => ({ host: "a.test", port, protocol: "tls", isPrivate: false });
  const allow = (forMs: number) => ({ type: "allow", id: "1", destination: destination(443), forMs });
  const deny = (port: number) => ({ type: "deny", id: "1", host: "a.test", port });

  test("has ports from 1 to 65535", () => {
    for (const port of [1, 65_535]) expect(take(deny(port))).not.toThrow();
    for (const port of [0, 65_536, -1, 1.5]) expect(take(deny(port))).toThrow("is not a port");
  });

  test("grants for a millisecond up to a week", () => {
    for (const forMs of [1, 604_800_000]) expect(take(allow(forMs))).not.toThrow();
    for (const forMs of [0, 604_800_001, 1.5]) expect(take(allow(forMs))).toThrow("is not a time");
  });
});

test("of a connection sixteen requests wait, and the next one cuts it off", () => {
  const socket = { destroyed: false, writable: true, destroy: () => (socket.destroyed = true) };
  const serve = oneByOne(() => {});
  const ask = () => {
    const incoming = Object.assign(new EventEmitter(), { socket });
    serve(incoming as unknown as IncomingMessage, new EventEmitter() as unknown as ServerResponse);
    return socket.destroyed;
  };
  // The first is served and does not wait
  expect(Array.from({ length: 18 }, ask)).toEqual([...Array<boolean>(17).fill(false), true]);
});

test("a plain body has up to 5 MiB", () => {
  const problemOf = (length: number) =>
    parsePlainRequest(`POST http://a.test/ HTTP/1.1\r\nContent-Length: ${length}`)?.problem?.status;
  expect(problemOf(5 * 1024 * 1024)).toBeUndefined();
  expect(problemOf(5 * 1024 * 1024 + 1)).toBe(413);
});

test("a refusal without a target names none", () => {
  const say = (port: number) =>
    renderRefusalBody(new Refusal("malformed", "no", 400), { host: "a.test", port });
  expect(say(1)).toStartWith("claude-bottle blocked a.test:1: no.");
  expect(say(0)).toStartWith("claude-bottle blocked: no.");
});

test("a placeholder is replaced as either half of Basic, whichever is empty", () => {
  const values = [{ name: "A", placeholder: "PLACE", value: "real" }];
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
  const put = (text: string) => putValuesIn([["authorization", basic(text)]], values).headers[0]?.[1];
  expect(put(":PLACE")).toBe(basic(":real"));
  expect(put("PLACE:")).toBe(basic("real:"));
  expect(put("PLACE")).toBe(basic("PLACE"));
});

describe("what became of secrets", () => {
  function setUp() {
    const events: { name: string; host: string }[] = [];
    const later: (() => void)[] = [];
    const uses = makeSecretUses(
      (event) => event.event === "secret" && events.push(event),
      () => 0,
      (act) => later.push(act),
    );
    return { events, later, uses };
  }

  test("is told 40 times a second", () => {
    const { events, uses } = setUp();
    for (let count = 0; count < 40; count += 1) uses.used("A", "h.test");
    expect(events).toHaveLength(40);
    uses.used("A", "h.test");
    expect(events).toHaveLength(40);
  });

  test("costs nothing once nothing waits", () => {
    const { later, uses } = setUp();
    uses.used("A", "h.test");
    later.shift()?.();
    expect(later).toEqual([]);
  });

  test("is told of 256 pairs by their hosts", () => {
    const { events, later, uses } = setUp();
    for (let host = 0; host <= 256; host += 1) uses.used("A", `h${host}.test`);
    while (later.length > 0) later.shift()?.();
    const hosts = events.map(({ host }) => host);
    expect(hosts).toContain("h255.test");
    expect(hosts).not.toContain("h256.test");
    expect(hosts).toContain("other hosts");
  });
});

describe("the head of a message", () => {
  /** What is read of pieces that come one after the other: the text and the rest, or why not. */
  async function read(...pieces: (string | Buffer)[]): Promise<[text: string, rest: string] | string> {
    const socket = new PassThrough();
    const reading = readHead(socket as unknown as Socket, 60_000).then(
      ({ text, rest }): [string, string] => [text, rest.toString("latin1")],
      (error: Error) => error.message,
    );
    for (const piece of pieces) {
      socket.write(piece);
      // A stream joins what is written while it has not been read
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.end();
    return reading;
  }

  const tooLong = "the request head is longer than 16384 bytes";
  const line = (length: number) => "x".repeat(length);

  test("has up to 16 KiB before its empty line", async () => {
    expect(await read(`${line(16_384)}\r\n\r\nrest`)).toEqual([line(16_384), "rest"]);
    expect(await read(`${line(16_385)}\r\n\r\n`)).toBe(tooLong);
  });

  test("is refused with the first byte beyond that, without its empty line", async () => {
    expect(await read(line(16_384), "\r\n\r\n")).toEqual([line(16_384), ""]);
    expect(await read(line(16_385), "\r\n\r\n")).toBe(tooLong);
  });

  test("may be empty, whatever is behind it", async () => {
    const rest = `\0${line(20_000)}`;
    expect(await read(`\r\n\r\n${rest}`)).toEqual(["", rest]);
  });

  test("is the same however it is cut", async () => {
    const [head, end, rest] = ["GET / HTTP/1.1\r\nA:\tb", "\r\n\r\n", "\u0016\u0003rest"];
    const whole = head + end + rest;
    const from = head.length + end.length;
    for (let at = 1; at < whole.length; at += 1)
      expect(await read(whole.slice(0, at), whole.slice(at))).toEqual([
        head,
        at < from ? rest : whole.slice(from, at),
      ]);
    expect(await read(...whole.slice(0, from))).toEqual([head, ""]);
  });

  test.each(["\0", "\n", "\u000b", "\u001f", "\u007f", "\r"])(
    "with a bare %j is refused at once, wherever it stands and is cut",
    async (byte) => {
      for (const pieces of [[`a${byte}b`], [`a${byte}`, "b"], ["a", `${byte}b`], [`${byte}b`]])
        expect(await read(...pieces)).toBe("the request is not well-formed HTTP");
    },
  );
});
