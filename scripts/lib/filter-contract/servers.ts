/** What stands behind the filter while it is recorded: a web server by plain HTTP and by TLS, and one that gives back what it gets. */
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer } from "node:tls";
import { pages } from "./pages.ts";
import { endOfHead, readChunks, showBytes, Wire } from "./wire.ts";

export interface Servers {
  readonly web: number;
  readonly secure: number;
  readonly echo: number;
  /** A port that nobody listens on */
  readonly closed: number;
  /** Takes what the web servers were sent since the last time */
  takeRequests(): string[];
  end(): void;
}

/** Starts them on loopback, by both families where the machine has them. */
export async function startServers(tls: { readonly key: string; readonly cert: string }): Promise<Servers> {
  const requests: string[] = [];
  const note = (text: string) => void requests.push(text);
  const all = [
    createServer((socket) => void serve(socket, note)),
    createTlsServer(tls, (socket) => void serve(socket, note)),
    createServer((socket) => void socket.on("error", () => undefined).pipe(socket)),
    createServer(),
  ];
  const [web = 0, secure = 0, echo = 0, closed = 0] = await Promise.all(all.map(listen));
  all[3]?.close();
  return {
    web,
    secure,
    echo,
    closed,
    takeRequests: () => requests.splice(0),
    end: () => all.forEach((server) => void server.close()),
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on("tlsClientError", () => undefined);
    server.once("error", reject);
    // Both families: which of them "localhost" means is the machine's business
    server.listen(0, "::", () => resolve((server.address() as AddressInfo).port));
  });
}

/** Answers requests with the page of their path, until the other side ends. */
async function serve(socket: Duplex, note: (text: string) => void): Promise<void> {
  socket.on("error", () => undefined);
  const wire = new Wire(socket);
  for (;;) {
    const head = (await wire.read(endOfHead)).toString("latin1");
    const [line = "", ...headers] = head.trimEnd().split("\r\n");
    const [method = "", path = ""] = line.split(" ");
    if (path === "") return void socket.end();
    const body = await readBody(wire, head);
    note([line, ...headers.toSorted(), "", showBytes(body)].join("\n"));
    const page = pages[path.split(/[?#]/)[0] ?? ""] ?? pages["/"];
    const { bytes, ends } = page?.(method) ?? { bytes: Buffer.alloc(0), ends: true };
    socket.write(bytes);
    if (ends) return void socket.end();
  }
}

function readBody(wire: Wire, head: string): Promise<Buffer> {
  if (/^transfer-encoding: *chunked/im.test(head)) return readChunks(wire);
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  return wire.read((bytes) => (bytes.length >= length ? length : undefined));
}
