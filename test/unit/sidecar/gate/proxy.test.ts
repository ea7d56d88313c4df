import type { GateDestination } from "../../../../src/protocol/gate-destination.ts";
import type { GateEventBody } from "../../../../src/protocol/gate-events.ts";
import { expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { Policy } from "../../../../src/sidecar/gate/policy.ts";
import { makeProxy } from "../../../../src/sidecar/gate/proxy.ts";
import { Refusal } from "../../../../src/sidecar/gate/refusal.ts";

const granted: GateDestination = { host: "granted.test", port: 443, protocol: "tls", isPrivate: false };

/** A front door on loopback, whose way out leads nowhere and never says so; `isHeard` says who may knock at all. */
async function openProxy(isHeard: boolean) {
  const events: GateEventBody[] = [];
  const dials: (() => void)[] = [];
  const server = makeProxy({
    policy: new Policy([granted]),
    wayOut: () =>
      new Promise((_resolve, reject) => {
        dials.push(() => reject(new Refusal("unreachable", "it does not answer", 502)));
      }),
    plain: undefined,
    emit: (event) => void events.push(event),
  });
  // As the gate does with whoever is not its agent
  if (!isHeard) server.prependListener("connection", (socket: Socket) => socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const open = (host: string) => {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.on("error", () => undefined).write(`CONNECT ${host}:443 HTTP/1.1\r\n\r\n`);
    return socket;
  };
  const ask = async () => {
    const socket = open("a.test");
    let text = "";
    socket.on("data", (chunk) => (text += String(chunk)));
    await once(socket, "close");
    return text;
  };
  return { ask, open, dials, events, [Symbol.dispose]: () => void server.close() };
}

test("what is not granted is refused with a reason and told", async () => {
  using proxy = await openProxy(true);
  expect(await proxy.ask()).toContain("claude-bottle blocked a.test:443");
  expect(proxy.events).toMatchObject([{ event: "attempt", host: "a.test", code: "not-allowed" }]);
});

test("somebody who is not heard leaves no line among the agent's attempts", async () => {
  using proxy = await openProxy(false);
  for (let count = 0; count < 3; count += 1) expect(await proxy.ask()).toBe("");
  expect(proxy.events).toEqual([]);
});

test("an agent that hangs up while it is connected gets no more connections than one that waits", async () => {
  using proxy = await openProxy(true);
  const most = 512;
  for (let count = 0; count < most; count += 1) {
    const socket = proxy.open(granted.host);
    while (proxy.dials.length <= count) await Bun.sleep(0);
    socket.destroy();
  }
  expect(await proxy.ask()).toContain("code=too-many");
  for (const giveUp of proxy.dials) giveUp();
  let answer: string;
  do answer = await proxy.ask();
  while (answer.includes("code=too-many"));
  expect(answer).toContain("code=not-allowed");
});

test("a flood beyond what may be open is told once, and again only after it has gone down to less than half", async () => {
  using proxy = await openProxy(true);
  const sockets: Socket[] = [];
  const fill = async (count: number) => {
    const wanted = proxy.dials.length + count;
    for (let one = 0; one < count; one += 1) sockets.push(proxy.open(granted.host));
    while (proxy.dials.length < wanted) await Bun.sleep(1);
  };
  /** Resolves when the front door has seen them go. */
  const drop = async (count: number) => {
    const gone = sockets.splice(0, count);
    const dials = proxy.dials.splice(0, count);
    for (const socket of gone) socket.destroy();
    for (const giveUp of dials) giveUp();
    await Promise.all(gone.map((socket) => socket.closed || once(socket, "close")));
    await Bun.sleep(50);
  };
  const floods = () =>
    proxy.events.filter((one) => one.event === "attempt" && one.code === "too-many").length;
  await fill(512);
  expect(floods()).toBe(0);
  for (let count = 0; count < 3; count += 1)
    expect(await proxy.ask()).toStartWith("HTTP/1.1 503 Service Unavailable");
  expect(floods()).toBe(1);
  await drop(256);
  await fill(256);
  expect(await proxy.ask()).toContain("code=too-many");
  expect(floods()).toBe(1);
  await drop(257);
  await fill(257);
  expect(await proxy.ask()).toContain("code=too-many");
  expect(floods()).toBe(2);
  await drop(512);
}, 30_000);
