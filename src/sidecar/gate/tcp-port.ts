/** A port of the gate's that leads to one granted pair, for programs that know no proxy: whoever connects is carried there. */
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import type { Bounds } from "./bounds.ts";
import type { ConnectRequest } from "./connect-request.ts";
import type { Emit } from "./events.ts";
import type { Policy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import { runTunnel } from "./tunnel.ts";
import type { WayOut } from "./way-out.ts";

/** More than a pool of connections to one database has */
const maxConnections = 128;

export interface TcpPortOptions {
  readonly policy: Policy;
  readonly wayOut: WayOut;
  readonly emit: Emit;
  /** How much each host may be sent */
  readonly bounds?: Pick<Bounds, "find"> | undefined;
}

/** Makes the listener for a pair; the caller opens it on the pair's port. */
export function makeTcpPort(pair: ConnectRequest, options: TcpPortOptions): Server {
  const server = createServer(
    { allowHalfOpen: true, noDelay: true, keepAlive: true, pauseOnConnect: true },
    (agent) => {
      agent.on("error", () => undefined);
      // Somebody who is not heard
      if (agent.destroyed) return;
      serve(agent, pair, options).catch((error: unknown) => {
        agent.destroy();
        throw error;
      });
    },
  );
  server.maxConnections = maxConnections;
  return server;
}

/** A refusal has no words here: the connection is closed, and the event says why. Throws only for bugs. */
async function serve(agent: Socket, pair: ConnectRequest, { policy, wayOut, emit, bounds }: TcpPortOptions) {
  const unwatch = policy.watch(pair, () => agent.destroy());
  try {
    const { isPrivate } = policy.find(pair);
    const meter = bounds?.find(pair.host);
    meter?.request();
    const upstream = await wayOut({ ...pair, isPrivate });
    if (agent.destroyed) return void upstream.socket.destroy();
    emit({ event: "attempt", ...pair, verdict: "allowed" });
    const start = performance.now();
    const counts = await runTunnel(agent, upstream, Buffer.alloc(0), meter);
    emit({ event: "closed", ...pair, ...counts, durationMs: Math.round(performance.now() - start) });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    emit({ event: "attempt", ...pair, verdict: "refused", code: error.code, reason: error.message });
    agent.destroy();
  } finally {
    unwatch();
  }
}
