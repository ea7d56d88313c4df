/** The gate's front door: CONNECT to granted host and port pairs, first bytes checked, everything else refused and reported. */
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { escapeForTerminal } from "../../core/text.ts";
import { parseConnect } from "./connect-request.ts";
import { findDestination } from "./destinations.ts";
import type { Emit } from "./events.ts";
import { readFirstBytes } from "./first-bytes.ts";
import type { GateDestination } from "./protocol.ts";
import { Refusal, renderRefusal } from "./refusal.ts";
import type { RefusedTarget } from "./refusal.ts";
import { readHead } from "./request-head.ts";
import { runTunnel } from "./tunnel.ts";
import type { Upstream, WayOut } from "./way-out.ts";

/** Enough for any package manager; with 64 KiB of first bytes each, all of them together stay below 40 MiB */
const maxConnections = 512;
/** Those beyond get an answer, and those beyond these get none */
const maxAnswered = 1_024;
const headTimeoutMs = 10_000;
/** How long a refused agent may take to read why */
const lingerMs = 2_000;

export interface ProxyOptions {
  readonly destinations: readonly GateDestination[];
  readonly wayOut: WayOut;
  readonly emit: Emit;
}

/** Makes the listener; the caller opens it. */
export function makeProxy(options: ProxyOptions): Server {
  let open = 0;
  const server = createServer(
    { allowHalfOpen: true, noDelay: true, keepAlive: true, pauseOnConnect: true },
    (agent) => {
      agent.on("error", () => undefined);
      open += 1;
      agent.once("close", () => (open -= 1));
      if (open > maxConnections) {
        return refuse(
          agent,
          new Refusal("too-many", `${maxConnections} connections are open`, 503),
          undefined,
          options.emit,
        );
      }
      serve(agent, options).catch((error: unknown) => {
        agent.destroy();
        throw error;
      });
    },
  );
  server.maxConnections = maxAnswered;
  return server;
}

/** One connection from its first byte to its last. Throws only for bugs. */
async function serve(agent: Socket, options: ProxyOptions): Promise<void> {
  let target: RefusedTarget | undefined;
  try {
    const head = await readHead(agent, headTimeoutMs);
    const request = parseConnect(head.text);
    target = request;
    const destination = findDestination(options.destinations, request);
    const upstream = await options.wayOut({ ...request, isPrivate: destination.isPrivate });
    const first = await openTunnel(agent, upstream, () =>
      readFirstBytes(agent, head.rest, destination.protocol, request.host),
    );
    options.emit({ event: "attempt", ...request, verdict: "allowed" });
    const start = performance.now();
    const counts = await runTunnel(agent, upstream, first);
    options.emit({
      event: "closed",
      ...request,
      ...counts,
      durationMs: Math.round(performance.now() - start),
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refuse(agent, error, target ?? error.target, options.emit);
  }
}

/** Says yes to the agent and waits for `check`; a tunnel that fails it never carries a byte. */
async function openTunnel(agent: Socket, upstream: Upstream, check: () => Promise<Buffer>): Promise<Buffer> {
  agent.write("HTTP/1.1 200 Connection Established\r\n\r\n");
  try {
    return await check();
  } catch (error) {
    upstream.socket.destroy();
    // After the 200 there is no HTTP left to say why; the event does
    agent.destroy();
    throw error;
  }
}

function refuse(agent: Socket, refusal: Refusal, target: RefusedTarget | undefined, emit: Emit): void {
  const { host, port } = target ?? { host: "", port: 0 };
  const shown = escapeForTerminal(host).slice(0, 260);
  emit({
    event: "attempt",
    host: shown,
    port,
    verdict: "refused",
    code: refusal.code,
    reason: refusal.message,
  });
  if (agent.destroyed) return;
  agent.end(renderRefusal(refusal, target));
  // What the agent still sends is read and dropped: closing on unread bytes would reset the connection under the answer
  agent.resume();
  setTimeout(() => agent.destroy(), lingerMs).unref();
}
