import { describe, expect, test } from "bun:test";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import type { GateBound } from "../../../../src/protocol/gate.ts";
import type { GateEventBody } from "../../../../src/protocol/gate-events.ts";
import { Bounds, followMeter } from "../../../../src/sidecar/gate/bounds.ts";
import { runTunnel } from "../../../../src/sidecar/gate/tunnel.ts";

function setUp(...bounds: GateBound[]) {
  const events: GateEventBody[] = [];
  return { bounds: new Bounds(bounds, (event) => void events.push(event)), events };
}

describe("what a host may be sent", () => {
  test("is let through up to its bound, to the byte, and nothing after that", () => {
    const { bounds, events } = setUp({ host: "a.test", uploadBytes: 100 });
    const meter = bounds.find("a.test");
    meter.request();
    expect(meter.upload(99)).toBe(true);
    expect(meter.upload(1)).toBe(true);
    expect(meter.upload(1)).toBe(false);
    expect(meter.upload(1)).toBe(false);
    expect(() => meter.request()).toThrow("a.test has been sent all that this session may send it");
    expect(events).toEqual([
      { event: "bound", id: "", host: "a.test", what: "upload", state: "reached", used: 100, limit: 100 },
    ]);
    // The control: another host has none
    expect(bounds.find("b.test").upload(1_000_000)).toBe(true);
  });

  test("counts requests, and refuses one whose body would not fit", () => {
    const { bounds } = setUp({ host: "a.test", uploadBytes: 100, requests: 3 });
    const meter = bounds.find("a.test");
    meter.request(100);
    meter.request();
    meter.request();
    expect(() => meter.request()).toThrow("(3 requests)");
    const other = setUp({ host: "a.test", uploadBytes: 100 }).bounds.find("a.test");
    expect(() => other.request(101)).toThrow("100 B");
  });

  test("is shared by the names below a pattern, and a name of its own goes first", () => {
    const { bounds } = setUp({ host: "*.test", uploadBytes: 10 }, { host: "own.test", uploadBytes: 50 });
    expect(bounds.find("a.test").upload(6)).toBe(true);
    expect(bounds.find("b.test").upload(6)).toBe(false);
    expect(bounds.find("own.test").upload(50)).toBe(true);
  });

  test("is raised while it runs; what was sent counts", () => {
    const { bounds, events } = setUp({ host: "a.test", uploadBytes: 10 });
    const meter = bounds.find("a.test");
    meter.upload(10);
    expect(meter.upload(1)).toBe(false);
    bounds.change("7", { host: "a.test", uploadBytes: 15 });
    meter.request();
    expect(meter.upload(5)).toBe(true);
    expect(meter.upload(1)).toBe(false);
    expect(
      events.map((one) => (one.event === "bound" ? [one.id, one.state, one.used, one.limit] : [])),
    ).toEqual([
      ["", "reached", 10, 10],
      ["7", "changed", 10, 15],
      ["", "reached", 15, 15],
    ]);
    // One that had none gets one, with what it has been sent
    bounds.find("b.test").upload(20);
    bounds.change("8", { host: "b.test", uploadBytes: 20 });
    expect(bounds.find("b.test").upload(1)).toBe(false);
  });

  test("warns once of much that a host without a bound was sent", () => {
    const { bounds, events } = setUp();
    const meter = bounds.find("a.test");
    for (let count = 0; count < 60; count += 1) expect(meter.upload(1024 * 1024)).toBe(true);
    expect(events).toMatchObject([{ state: "warned", host: "a.test", what: "upload" }]);
  });

  test("does not pass a tunnel beyond it, and cuts that", async () => {
    const sent = async (limit: number) => {
      const got: Buffer[] = [];
      const server = createServer((socket) => {
        socket.on("error", () => undefined);
        socket.on("data", (chunk: Buffer) => void got.push(chunk));
      });
      const front = await listen(server);
      const pair = await aPair();
      const upstream = connect(front, "127.0.0.1").on("error", () => undefined);
      upstream.pause();
      await new Promise<void>((resolve) => upstream.once("connect", () => resolve()));
      const { bounds } = setUp({ host: "a.test", uploadBytes: limit });
      const ended = runTunnel(
        pair.inner,
        { socket: upstream, early: Buffer.alloc(0) },
        Buffer.from("first"),
        bounds.find("a.test"),
      );
      pair.outer.end(Buffer.alloc(300_000, "x"));
      await Promise.race([ended, new Promise<void>((resolve) => pair.outer.once("close", () => resolve()))]);
      await new Promise<void>((resolve) =>
        upstream.closed ? resolve() : upstream.once("close", () => resolve()),
      );
      server.close();
      return Buffer.concat(got).length;
    };
    expect(await sent(100_000)).toBeLessThanOrEqual(100_000);
    expect(await sent(4)).toBe(0);
  });

  test("is found out of a connection whose bytes pass elsewhere, which is cut", async () => {
    const pair = await aPair();
    const { bounds, events } = setUp({ host: "a.test", uploadBytes: 10 });
    const gone = new Promise<void>((resolve) => pair.inner.once("close", () => resolve()));
    pair.inner.resume();
    const followed = followMeter(pair.inner, bounds.find("a.test"), () => gone);
    pair.outer.write("more than ten bytes");
    await followed;
    expect(events).toMatchObject([{ state: "reached" }]);
    pair.outer.destroy();
  });
});

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** Both ends of one connection; the inner one is paused, as an agent's is. */
async function aPair(): Promise<{ readonly inner: Socket; readonly outer: Socket }> {
  const got = Promise.withResolvers<Socket>();
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, got.resolve);
  const outer = connect(await listen(server), "127.0.0.1").on("error", () => undefined);
  const inner = (await got.promise).on("error", () => undefined);
  server.close();
  return { inner, outer };
}
