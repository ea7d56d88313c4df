/** Run by Node for `scripts/bench-gate.ts`: bytes from a server on loopback, straight and through the gate's front door. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { Policy } from "../../src/sidecar/gate/policy.ts";
import { makeProxy } from "../../src/sidecar/gate/proxy.ts";
import { dial } from "../../src/sidecar/gate/way-out.ts";
import { makeClientHello } from "../../test/support/client-hello.ts";

const host = "server.test";
const bytes = 256 * 1024 * 1024;
const rounds = 5;
const hello = makeClientHello({ serverNames: [host] });

/** Sends the bytes to whoever says something, and ends. */
function makeSource(): Server {
  const chunk = Buffer.alloc(256 * 1024, 7);
  return createServer((socket) => {
    let missing = bytes;
    const pour = () => {
      while (missing > 0) {
        missing -= chunk.length;
        if (!socket.write(chunk)) return;
      }
      socket.end();
    };
    socket.on("error", () => undefined).on("drain", pour);
    socket.once("data", pour);
  });
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Milliseconds until all has come; `open` resolves once the tunnel stands. */
async function measure(port: number, open: (socket: Socket) => Promise<void>): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  await open(socket);
  const start = performance.now();
  let received = 0;
  socket.on("data", (chunk: Buffer) => (received += chunk.length));
  socket.write(hello);
  await once(socket, "close");
  if (received !== bytes) throw new Error(`${received} of ${bytes} bytes came`);
  return performance.now() - start;
}

async function askTunnel(socket: Socket): Promise<void> {
  socket.write(`CONNECT ${host}:443 HTTP/1.1\r\n\r\n`);
  await once(socket, "data");
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const sourcePort = await listen(makeSource());
const policy = new Policy([{ host, port: 443, protocol: "tls", isPrivate: false }]);
const wayOut = async () => ({
  socket: await dial("127.0.0.1", sourcePort, 5_000),
  early: Buffer.alloc(0),
});
const gatePort = await listen(makeProxy({ policy, wayOut, plain: undefined, emit: () => undefined }));
const straight: number[] = [];
const gated: number[] = [];
for (let round = 0; round <= rounds; round += 1) {
  const direct = await measure(sourcePort, () => Promise.resolve());
  const through = await measure(gatePort, askTunnel);
  // The first round only warms up
  if (round > 0) {
    straight.push(direct);
    gated.push(through);
  }
}
const rate = (milliseconds: number) => `${Math.round(bytes / 1024 / 1024 / (milliseconds / 1000))} MiB/s`;
const [direct, through] = [median(straight), median(gated)];
console.log(
  `straight ${rate(direct)}  through the gate ${rate(through)}  ratio ${(direct / through).toFixed(2)}`,
);
process.exit(0);
