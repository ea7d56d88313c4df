import { expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { Policy } from "../../../../src/sidecar/gate/policy.ts";
import type { GateEventBody } from "../../../../src/sidecar/gate/protocol.ts";
import { makeProxy } from "../../../../src/sidecar/gate/proxy.ts";

/** A front door on loopback that grants nothing; `isHeard` says who may knock at all. */
async function openProxy(isHeard: boolean) {
  const events: GateEventBody[] = [];
  const server = makeProxy({
    policy: new Policy([]),
    wayOut: () => Promise.reject(new Error("nobody goes out here")),
    plain: undefined,
    emit: (event) => void events.push(event),
  });
  // As the gate does with whoever is not its agent
  if (!isHeard) server.prependListener("connection", (socket: Socket) => socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const ask = async () => {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    let text = "";
    socket.on("error", () => undefined).on("data", (chunk) => (text += String(chunk)));
    socket.write("CONNECT a.test:443 HTTP/1.1\r\n\r\n");
    await once(socket, "close");
    return text;
  };
  return { ask, events, [Symbol.dispose]: () => void server.close() };
}

test("what is not granted is refused with a reason and told", async () => {
  using proxy = await openProxy(true);
  expect(await proxy.ask()).toContain("claude-bottle refused a.test:443");
  expect(proxy.events).toMatchObject([{ event: "attempt", host: "a.test", code: "not-allowed" }]);
});

test("somebody who is not heard leaves no line among the agent's attempts", async () => {
  using proxy = await openProxy(false);
  for (let count = 0; count < 3; count += 1) expect(await proxy.ask()).toBe("");
  expect(proxy.events).toEqual([]);
});
