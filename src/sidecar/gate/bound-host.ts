/**
 * Opens the TLS of hosts that a secret is bound to: the agent speaks to the gate, which shows a certificate of the bottle's own CA, and
 * the gate speaks to the host over TLS that it has verified. HTTP/1.1 on both sides, each message read whole in form and written
 * anew; bodies stream. The real value exists on the far side only.
 */
import { Agent, createServer, request } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { SecureContext } from "node:tls";
import { openTls } from "./api-upstream.ts";
import type { BoundValue } from "./bound-headers.ts";
import { passScrubbed } from "./bound-answer.ts";
import { readBoundRequest } from "./bound-request.ts";
import type { BoundRequest } from "./bound-request.ts";
import { makeSecretReturns } from "./bound-returns.ts";
import type { SecretReturns } from "./bound-returns.ts";
import { makeScrubber } from "./bound-scrub.ts";
import type { Scrubber } from "./bound-scrub.ts";
import type { SecretUses } from "./bound-uses.ts";
import { watchBody } from "./bound-watch.ts";
import type { WatchedPlaceholder } from "./bound-watch.ts";
import { oneByOne } from "./one-by-one.ts";
import type { GateSecret } from "../../protocol/gate.ts";
import { Refusal, renderRefusalBody } from "./refusal.ts";
import type { TunnelCounts } from "./tunnel.ts";
import type { Target, WayOut } from "./way-out.ts";

const tlsPort = 443;
const handshakeTimeoutMs = 10_000;
const maxHeaderBytes = 64 * 1024;
/** Given up before the usual 60 s of servers, so that no request is sent into a connection that is being closed */
const idleTimeoutMs = 50_000;

export interface BoundHosts {
  /** True for a pair whose TLS the gate opens */
  covers(target: Pick<Target, "host" | "port">): boolean;
  /** Opens verified TLS to the host. Rejects with a `Refusal`. */
  connect(target: Target): Promise<Socket>;
  /** Serves an agent whose first bytes are a fitting ClientHello, until it or the host is gone. Never rejects. */
  run(agent: Socket, upstream: Socket, first: Buffer, target: Target): Promise<TunnelCounts>;
}

export interface BoundHostsOptions {
  readonly secrets: readonly GateSecret[];
  /** All placeholders of the bottle, also those that no host of these is for */
  readonly watched: readonly WatchedPlaceholder[];
  readonly certificate: SecureContext;
  /** PEM of the authorities that vouch for the hosts; undefined for those that Node brings */
  readonly trusted: string | undefined;
  readonly wayOut: WayOut;
  readonly uses: SecretUses;
}

interface Tunnel {
  readonly host: string;
  readonly values: readonly BoundValue[];
  readonly agent: Agent;
}

/** Takes the tunnels to hosts that secrets are bound to: opens their TLS, puts the values in, and takes them out of what comes back. */
export function makeBoundHosts(options: BoundHostsOptions): BoundHosts {
  const { secrets, wayOut, trusted } = options;
  const scrubber = makeScrubber(secrets);
  const returns = makeSecretReturns(options.uses);
  const tunnels = new WeakMap<object, Tunnel>();
  const server = makeServer((incoming, answer) => {
    const tunnel = tunnels.get(incoming.socket);
    if (tunnel) forward({ ...options, tunnel, scrubber, returns }, incoming, answer);
  });
  const connect = async (target: Target) => {
    returns.requireOpen(target.host);
    return openTls(target, wayOut, trusted);
  };
  return {
    covers: ({ host, port }) => port === tlsPort && secrets.some((one) => one.hosts.includes(host)),
    connect,
    async run(agent, upstream, first, target) {
      const ended = new Promise<void>((resolve) => agent.once("close", () => resolve()));
      const secure = acceptTls(agent, first, options.certificate);
      const values = secrets.filter((one) => one.hosts.includes(target.host));
      const toHost = makeAgent(upstream, () => connect(target));
      tunnels.set(secure, { host: target.host, values, agent: toHost });
      server.emit("connection", secure);
      if (agent.destroyed) secure.destroy();
      else await ended;
      toHost.destroy();
      upstream.destroy();
      // As seen on the agent's side, TLS included
      return { sentBytes: agent.bytesRead, receivedBytes: agent.bytesWritten };
    },
  };
}

/** Not listening anywhere: connections are handed to it. Node's parser is strict unless told otherwise. */
function makeServer(onRequest: (incoming: IncomingMessage, answer: ServerResponse) => void): Server {
  const server = createServer(
    { maxHeaderSize: maxHeaderBytes, requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: idleTimeoutMs },
    oneByOne(onRequest),
  );
  server.on("clientError", (_error, socket) => socket.destroy());
  return server;
}

function acceptTls(agent: Socket, first: Buffer, certificate: SecureContext): TLSSocket {
  if (first.length > 0) agent.unshift(first);
  const secure = new TLSSocket(agent, {
    isServer: true,
    secureContext: certificate,
    ALPNProtocols: ["http/1.1"],
  });
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
function makeAgent(opened: Socket, connect: () => Promise<Socket>): Agent {
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

interface Forwarding extends Pick<BoundHostsOptions, "secrets" | "watched" | "uses"> {
  readonly tunnel: Tunnel;
  readonly scrubber: Scrubber;
  readonly returns: SecretReturns;
}

function forward(forwarding: Forwarding, incoming: IncomingMessage, answer: ServerResponse): void {
  const { tunnel, watched, uses } = forwarding;
  incoming.on("error", () => undefined);
  let asked: BoundRequest;
  try {
    forwarding.returns.requireOpen(tunnel.host);
    asked = readBoundRequest(incoming, tunnel.host, tunnel.values, watched);
  } catch (error) {
    return refuse(incoming, answer, error, tunnel.host);
  }
  for (const name of asked.used) uses.used(name, tunnel.host);
  for (const { name, where } of asked.blocked) uses.blocked(name, tunnel.host, where);
  incoming.on(
    "data",
    watchBody(watched, (name) => uses.blocked(name, tunnel.host, "body")),
  );
  send(forwarding, asked, incoming, answer, !asked.hasBody);
}

/** A connection that the host closed while it was idle is found out by using it: without a body that is done once more. */
function send(
  forwarding: Forwarding,
  asked: BoundRequest,
  incoming: IncomingMessage,
  answer: ServerResponse,
  mayRepeat: boolean,
): void {
  const { tunnel, secrets, scrubber, returns } = forwarding;
  const onTakenOut = (secret: number) => returns.note(secrets[secret]?.name ?? "", tunnel.host);
  const outgoing = request({
    agent: tunnel.agent,
    method: asked.method,
    path: asked.path,
    headers: asked.headers.flat() as unknown as Record<string, string>,
    setHost: false,
    maxHeaderSize: maxHeaderBytes,
  });
  outgoing.on("response", (upstream) => {
    upstream.on("end", () => {
      // An answer before the whole question: the rest of that must not be taken for a request
      if (!outgoing.writableFinished) outgoing.destroy();
    });
    try {
      passScrubbed(upstream, answer, { ...asked, scrubber, onTakenOut });
    } catch (error) {
      outgoing.destroy();
      refuse(incoming, answer, error, tunnel.host);
    }
  });
  outgoing.on("error", (error) => {
    if (answer.headersSent || answer.destroyed) return void answer.destroy();
    if (mayRepeat && outgoing.reusedSocket) return send(forwarding, asked, incoming, answer, false);
    refuse(incoming, answer, error, tunnel.host);
  });
  answer.on("close", () => {
    if (!answer.writableFinished) outgoing.destroy();
    else if (!incoming.complete) incoming.socket.destroySoon();
  });
  if (asked.hasBody) incoming.pipe(outgoing);
  else outgoing.end();
}

function refuse(incoming: IncomingMessage, answer: ServerResponse, error: unknown, host: string): void {
  if (answer.headersSent || answer.destroyed) return void answer.destroy();
  const refusal =
    error instanceof Refusal ? error : new Refusal("unreachable", "the host closed the connection", 502);
  // Read to its end, so that the client sees the answer and not a reset
  incoming.resume();
  answer.writeHead(refusal.status, {
    "content-type": "text/plain; charset=utf-8",
    "x-claude-bottle": `refused; code=${refusal.code}`,
    connection: "close",
  });
  answer.end(renderRefusalBody(refusal, { host, port: tlsPort }));
}
