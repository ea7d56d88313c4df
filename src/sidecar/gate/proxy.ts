/** The gate's front door: CONNECT to granted host and port pairs, first bytes checked, everything else refused and reported. */
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { matchesHostPattern } from "../../core/host-name.ts";
import { escapeForTerminal } from "../../core/text.ts";
import type { Emit } from "./events.ts";
import { readFirstBytes } from "./first-bytes.ts";
import type { GateDestination } from "./protocol.ts";
import { Refusal, renderRefusal } from "./refusal.ts";
import { parseConnect, readHead } from "./request-head.ts";
import type { ConnectRequest } from "./request-head.ts";
import { joinSockets } from "./tunnel.ts";
import type { WayOut } from "./way-out.ts";

/** Enough for any package manager; an agent that wants more harms only itself */
const maxConnections = 512;

export interface ProxyOptions {
  readonly destinations: readonly GateDestination[];
  readonly wayOut: WayOut;
  readonly emit: Emit;
}

/** Makes the listener; the caller opens it. */
export function makeProxy(options: ProxyOptions): Server {
  let open = 0;
  return createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (agent) => {
    agent.on("error", () => undefined);
    if (open >= maxConnections) return void refuse(agent, new Refusal("too-many", `more than ${maxConnections} connections are open`, 503), "it", options.emit);
    open += 1;
    agent.once("close", () => (open -= 1));
    serve(agent, options).catch(() => agent.destroy());
  });
}

/** The destination that grants this host and port. An exact name goes before a wildcard. Throws a `Refusal` if there is none. */
export function findDestination(destinations: readonly GateDestination[], request: ConnectRequest): GateDestination {
  const named = destinations.filter((destination) => matchesHostPattern(request.host, destination.host));
  const granted = named.filter((destination) => destination.port === request.port);
  const best = granted.find((destination) => destination.host === request.host) ?? granted[0];
  if (best) return best;
  if (named.length === 0) throw new Refusal("not-allowed", "the host is not on this bottle's allowlist");
  const ports = [...new Set(named.map((destination) => destination.port))].join(", ");
  throw new Refusal("wrong-port", `the host is granted on port ${ports} only`);
}

async function serve(agent: Socket, options: ProxyOptions): Promise<void> {
  let request: ConnectRequest | undefined;
  let isOpen = false;
  try {
    const head = await readHead(agent);
    request = parseConnect(head.text);
    const destination = findDestination(options.destinations, request);
    const upstream = await options.wayOut({ ...request, isPrivate: destination.isPrivate });
    agent.once("close", () => upstream.socket.destroySoon());
    agent.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    isOpen = true;
    const first = await readFirstBytes(agent, head.rest, destination.protocol, request.host).catch((error: unknown) => {
      upstream.socket.destroy();
      throw error;
    });
    options.emit({ event: "attempt", ...request, verdict: "allowed" });
    await runTunnel(agent, upstream, first, request, options.emit);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (isOpen && request) {
      report(error, request, options.emit);
      agent.destroy();
    } else refuse(agent, error, request, options.emit);
  }
}

async function runTunnel(
  agent: Socket,
  upstream: { readonly socket: Socket; readonly early: Buffer },
  first: Buffer,
  request: ConnectRequest,
  emit: Emit,
): Promise<void> {
  const start = process.hrtime.bigint();
  const counts = await joinSockets(agent, upstream.socket, first, upstream.early);
  const durationMs = Number((process.hrtime.bigint() - start) / 1_000_000n);
  emit({ event: "closed", ...request, ...counts, durationMs });
}

function refuse(agent: Socket, refusal: Refusal, request: ConnectRequest | string | undefined, emit: Emit): void {
  const target = typeof request === "object" ? `${request.host}:${request.port}` : (request ?? "the request");
  report(refusal, typeof request === "object" ? request : undefined, emit);
  agent.end(renderRefusal(refusal, target));
  // An agent that never closes its half must not keep the connection
  agent.resume();
  setTimeout(() => agent.destroy(), 5_000).unref();
}

function report(refusal: Refusal, request: ConnectRequest | undefined, emit: Emit): void {
  const { host, port } = request ?? { host: "", port: 0 };
  emit({ event: "attempt", host: escapeForTerminal(host), port, verdict: "refused", code: refusal.code, reason: refusal.message });
}
