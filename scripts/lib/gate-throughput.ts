/**
 * Run by Node for `scripts/bench-gate.ts`: bytes from a server on loopback straight, through the gate's front door, through the filter
 * on the port given, and through both.
 */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { Policy } from "../../src/sidecar/gate/policy.ts";
import { makeProxy } from "../../src/sidecar/gate/proxy.ts";
import { dial } from "../../src/sidecar/gate/way-out.ts";
import type { WayOut } from "../../src/sidecar/gate/way-out.ts";
import { readHead } from "../../src/sidecar/gate/request-head.ts";

const host = "127.0.0.1";
const filterPort = Number(process.argv[2]);
const bytes = 256 * 1024 * 1024;
const rounds = 5;
/** What a tunnel of an ssh entry begins with: neither side has to look for a server name */
const hello = "SSH-2.0-bench\r\n";

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
  socket.write(`CONNECT ${host}:${sourcePort} HTTP/1.1\r\nHost: ${host}:${sourcePort}\r\n\r\n`);
  const [answer] = (await once(socket, "data")) as [Buffer];
  if (!answer.toString("latin1").startsWith("HTTP/1.1 200")) throw new Error(answer.toString("latin1"));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const sourcePort = await listen(makeSource());
const policy = new Policy([{ host, port: sourcePort, protocol: "ssh", isPrivate: true }]);
const openGate = (wayOut: WayOut) =>
  listen(makeProxy({ policy, wayOut, plain: undefined, emit: () => undefined }));
const gatePort = await openGate(async () => ({
  socket: await dial("127.0.0.1", sourcePort, 5_000),
  early: Buffer.alloc(0),
}));
// As `throughPipelock` does it, but for its refusal of loopback, where this benchmark lives
const bothPort = await openGate(async ({ port }) => {
  const socket = await dial("127.0.0.1", filterPort, 5_000);
  socket.write(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
  return { socket, early: (await readHead(socket, 5_000)).rest };
});
const ways = {
  straight: () => measure(sourcePort, () => Promise.resolve()),
  gate: () => measure(gatePort, askTunnel),
  filter: () => measure(filterPort, askTunnel),
  both: () => measure(bothPort, askTunnel),
};
const times: Record<string, number[]> = {};
for (let round = 0; round <= rounds; round += 1) {
  for (const [name, run] of Object.entries(ways)) {
    const time = await run();
    // The first round only warms up
    if (round > 0) (times[name] ??= []).push(time);
  }
}
const time = (name: keyof typeof ways) => median(times[name] ?? []);
const rate = (name: keyof typeof ways) => `${Math.round(bytes / 1024 / 1024 / (time(name) / 1000))} MiB/s`;
const ratio = (a: keyof typeof ways, b: keyof typeof ways) => (time(b) / time(a)).toFixed(2);
console.log(
  `straight ${rate("straight")}  through the gate ${rate("gate")}  ratio ${ratio("gate", "straight")}`,
);
console.log(
  `through the filter ${rate("filter")}  through gate and filter ${rate("both")}  ratio ${ratio("both", "filter")}`,
);
process.exit(0);
