import { expect, test } from "bun:test";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import type { GateEventBody } from "../../../../src/protocol/gate-events.ts";
import { Freezer } from "../../../../src/sidecar/gate/freezer.ts";

test("cuts what is open and hears nobody until it is thawed", async () => {
  const events: GateEventBody[] = [];
  const freezer = new Freezer((event) => void events.push(event));
  const server = freezer.watch(createServer((socket) => socket.pipe(socket)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const open = await echo(port);
  freezer.freeze({ id: "1", by: "user" });
  await closed(open);
  expect(await echo(port).catch(() => "nobody")).toBe("nobody");
  freezer.thaw("2");
  // The control: the same server answers again
  const again = await echo(port);
  again.destroy();
  server.close();
  expect(events).toEqual([
    { event: "freeze", id: "1", state: "frozen", by: "user" },
    { event: "freeze", id: "2", state: "thawed", by: "user" },
  ]);
});

/** A connection on which a word has come back. */
function echo(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed")));
    socket.on("data", () => resolve(socket));
    socket.write("hello");
  });
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => (socket.destroyed ? resolve() : socket.once("close", () => resolve())));
}
