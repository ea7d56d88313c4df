/** A tunnel carries nothing before its first bytes have been seen to be what the grant says. */
import type { GateDestination } from "../../../../src/protocol/gate-destination.ts";
import type { GateEventBody } from "../../../../src/protocol/gate-events.ts";
import { expect, test } from "bun:test";
import { once } from "node:events";
import { connect, createServer, Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { Policy } from "../../../../src/sidecar/gate/policy.ts";
import { makeProxy } from "../../../../src/sidecar/gate/proxy.ts";
import type { Upstream } from "../../../../src/sidecar/gate/way-out.ts";
import { makeClientHello } from "../../../support/client-hello.ts";

/** What the host hears of a tunnel whose agent says this, and what is told of it. */
async function tunnel(protocol: "tls" | "ssh", said: Buffer) {
  const destination: GateDestination = { host: "granted.test", port: 443, protocol, isPrivate: false };
  const heard: Buffer[] = [];
  const host = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => void heard.push(chunk));
    socket.on("end", () => socket.end());
  }).listen(0, "127.0.0.1");
  await once(host, "listening");
  const events: GateEventBody[] = [];
  const proxy = makeProxy({
    policy: new Policy([destination]),
    wayOut: async () => {
      const socket = connect((host.address() as AddressInfo).port, "127.0.0.1").on("error", () => undefined);
      await once(socket, "connect");
      return { socket: socket.pause(), early: Buffer.alloc(0) };
    },
    plain: undefined,
    emit: (event) => void events.push(event),
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  try {
    const agent = connect((proxy.address() as AddressInfo).port, "127.0.0.1").on("error", () => undefined);
    agent.write("CONNECT granted.test:443 HTTP/1.1\r\n\r\n");
    await once(agent, "data");
    agent.end(said).resume();
    await once(agent, "close");
    // The tunnel is closed for the agent before that is told
    while (!events.some(({ event, ...more }) => event === "closed" || ("code" in more && more.code)))
      await new Promise((resolve) => setTimeout(resolve, 5));
    return { heard: Buffer.concat(heard).toString("hex"), events };
  } finally {
    proxy.close();
    host.close();
  }
}

const hello = makeClientHello({ serverNames: ["granted.test"] });

test.each([
  ["tls", "plain text", Buffer.from("GET / HTTP/1.1\r\n\r\n"), "not-tls"],
  ["tls", "TLS to another host", makeClientHello({ serverNames: ["other.test"] }), "sni-mismatch"],
  ["tls", "SSH", Buffer.from("SSH-2.0-x\r\n"), "not-tls"],
  ["tls", "half a hello", hello.subarray(0, -1), "not-tls"],
  ["ssh", "TLS", hello, "not-ssh"],
] as const)("of a grant for %s the host hears nothing of %s", async (protocol, _, said, code) => {
  const { heard, events } = await tunnel(protocol, said);
  expect(heard).toBe("");
  expect(events).toMatchObject([{ event: "attempt", verdict: "refused", code }]);
});

/** The control: the host is there and listens */
test.each([
  ["tls", hello],
  ["ssh", Buffer.from("SSH-2.0-x\r\n")],
] as const)("of a grant for %s it hears all that is", async (protocol, said) => {
  const { heard, events } = await tunnel(protocol, said);
  expect(heard).toBe(said.toString("hex"));
  expect(events).toMatchObject([
    { event: "attempt", verdict: "allowed" },
    { event: "closed", sentBytes: said.length, receivedBytes: 0 },
  ]);
});

test("an agent that is gone when the host has been reached opens nothing", async () => {
  const reached = Promise.withResolvers<Upstream>();
  const asked = Promise.withResolvers<void>();
  const events: GateEventBody[] = [];
  const proxy = makeProxy({
    policy: new Policy([{ host: "granted.test", port: 443, protocol: "tls", isPrivate: false }]),
    wayOut: () => {
      asked.resolve();
      return reached.promise;
    },
    plain: undefined,
    emit: (event) => void events.push(event),
  }).listen(0, "127.0.0.1");
  const gone = new Promise((resolve) => proxy.once("connection", (socket) => socket.once("close", resolve)));
  await once(proxy, "listening");
  const agent = connect((proxy.address() as AddressInfo).port, "127.0.0.1").on("error", () => undefined);
  agent.write("CONNECT granted.test:443 HTTP/1.1\r\n\r\n");
  await asked.promise;
  agent.resetAndDestroy();
  await gone;
  const host = new Socket();
  const closed = once(host, "close");
  reached.resolve({ socket: host, early: Buffer.alloc(0) });
  await closed;
  expect(events).toEqual([]);
  proxy.close();
});
