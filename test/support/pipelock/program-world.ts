/** What tests of the stand-in's program need: its strictest configuration, an echo and a web server on loopback, and a client of its own. */
import { createServer } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { startStandIn } from "./launch.ts";
import type { RunningStandIn } from "./launch.ts";

export const strict = {
  mode: "strict",
  explain_blocks: true,
  api_allowlist: ["127.0.0.1", "localhost", "*.a.invalid", "10.9.8.7"],
  ssrf: { ip_allowlist: ["127.0.0.0/8"] },
  forward_proxy: { enabled: true },
  request_body_scanning: { enabled: true, action: "block" },
  dlp: { scan_env: false },
};

export interface ProgramWorld extends AsyncDisposable {
  readonly proxy: RunningStandIn;
  readonly echoPort: number;
  readonly webPort: number;
  /** Asks the proxy for a tunnel; resolves with all that it says */
  connectTo(authority: string, more?: string, on?: RunningStandIn): Promise<string>;
  openTunnel(authority: string, on?: RunningStandIn): Promise<Socket>;
  get(target: string, more?: string, method?: string): Promise<string>;
}

/** Starts the stand-in with `strict`, and the two servers. */
export async function startProgramWorld(): Promise<ProgramWorld> {
  const echo = await startEcho();
  const web = await startWeb();
  const proxy = await startStandIn(strict);
  return {
    proxy,
    echoPort: echo.port,
    webPort: web.port,
    connectTo: (authority, more = "", on = proxy) =>
      on.exchange(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${more}\r\n`),
    openTunnel: (authority, on = proxy) => openTunnel(authority, on),
    get: (target, more = "", method = "GET") =>
      proxy.exchange(`${method} ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${more}\r\n`),
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      echo.close();
      web.close();
    },
  };
}

async function startWeb() {
  const web = createServer((request, response) => {
    if (request.url === "/packed") response.setHeader("Content-Encoding", "gzip");
    if (request.url === "/moved") response.writeHead(302, { Location: "http://elsewhere.example/" });
    if (request.url === "/large") response.end(Buffer.alloc(11 * 1024 * 1024));
    else response.end(`${request.method} ${request.url} for ${request.headers.host}`);
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  return { port: (web.address() as AddressInfo).port, close: () => void web.close() };
}

/** Gives back what it gets, until the other side ends. */
async function startEcho() {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, close };
}

/** A tunnel that is open; resolves with the socket after the head, which is exact. */
function openTunnel(authority: string, on: RunningStandIn): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(on.port, "127.0.0.1", () =>
      socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`),
    );
    socket.once("error", reject);
    socket.once("data", (head: Buffer) => {
      socket.pause();
      if (head.toString() === "HTTP/1.1 200 Connection Established\r\n\r\n") resolve(socket);
      else reject(new Error(head.toString()));
    });
  });
}

/** Everything that comes until the other side closes. */
export async function readToEnd(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  socket.resume();
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}
