/** What all hosts whose TLS the gate opens have in common: the side that the agent sees, and the connections on the other side. */
import { Agent, createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { SecureContext, TLSSocketOptions } from "node:tls";
import { oneByOne } from "./one-by-one.ts";
import type { TunnelCounts } from "./tunnel.ts";
import type { Target } from "./way-out.ts";

const handshakeTimeoutMs = 10_000;
/** Of a request and of an answer */
export const maxHeaderBytes = 64 * 1024;
/** Given up before the usual 60 s of servers, so that no request is sent into a connection that is being closed */
const idleTimeoutMs = 50_000;
/** As much as one read of a socket brings */
const bufferedBytes = 64 * 1024;

/** Hosts whose TLS ends in the gate. */
export interface OpenedHosts {
  /** Opens verified TLS to the host. Rejects with a `Refusal`. */
  connect(target: Target): Promise<Socket>;
  /** Serves an agent whose first bytes are a fitting ClientHello, until it or the host is gone. Never rejects. */
  run(agent: Socket, upstream: Socket, first: Buffer, target: Target): Promise<TunnelCounts>;
}

/** Those that can serve requests of a tunnel that others have opened. */
export interface SharedHosts extends OpenedHosts {
  /** `toHost` is the tunnel's own way to the host, `from` the port of the agent's side */
  adopt(toHost: Agent, host: string, from: number | undefined): RequestListener;
}

/** Not listening anywhere: connections are handed to it. Node's parser is strict unless told otherwise. */
export function makeOpenedServer(
  onRequest: (incoming: IncomingMessage, answer: ServerResponse) => void,
): Server {
  const server = createServer(
    { maxHeaderSize: maxHeaderBytes, requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: idleTimeoutMs },
    oneByOne(onRequest),
  );
  server.on("clientError", (_error, socket) => socket.destroy());
  return server;
}

/** Takes the agent's TLS. */
export function acceptTls(agent: Socket, first: Buffer, certificate: SecureContext): TLSSocket {
  if (first.length > 0) agent.unshift(first);
  const secure = new TLSSocket(agent, {
    isServer: true,
    secureContext: certificate,
    ALPNProtocols: ["http/1.1"],
    highWaterMark: bufferedBytes,
  } as TLSSocketOptions);
  const timer = setTimeout(() => secure.destroy(), handshakeTimeoutMs);
  secure.once("secure", () => clearTimeout(timer));
  secure.on("error", () => secure.destroy());
  secure.once("close", () => {
    clearTimeout(timer);
    agent.destroy();
  });
  return secure;
}

/** One connection to the host at a time for each of the agent's, so that nothing of one can get into another. */
export function makeHostAgent(opened: Socket, connect: () => Promise<Socket>): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, timeout: idleTimeoutMs });
  let first: Socket | undefined = opened;
  const create = (_options: unknown, done: (error: Error | null, socket?: Socket) => void): void => {
    const ready = first && !first.destroyed ? Promise.resolve(first) : connect();
    first = undefined;
    ready.then(
      (socket) => done(null, socket),
      (error: Error) => done(error),
    );
  };
  agent.createConnection = create as unknown as Agent["createConnection"];
  return agent;
}

export interface OpenedTunnel {
  readonly server: Server;
  readonly secure: TLSSocket;
  readonly agent: Socket;
  readonly upstream: Socket;
  readonly toHost: Agent;
}

/** Until the agent is gone; then nothing of it is left. */
export async function runOpened({
  server,
  secure,
  agent,
  upstream,
  toHost,
}: OpenedTunnel): Promise<TunnelCounts> {
  const ended = new Promise<void>((resolve) => agent.once("close", () => resolve()));
  server.emit("connection", secure);
  if (agent.destroyed) secure.destroy();
  else await ended;
  toHost.destroy();
  upstream.destroy();
  // As seen on the agent's side, TLS included
  return { sentBytes: agent.bytesRead, receivedBytes: agent.bytesWritten };
}
