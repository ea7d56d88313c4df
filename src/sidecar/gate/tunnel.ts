/** An open tunnel: bytes both ways with backpressure and half-closes passed on, counted for the record. */
import type { Socket } from "node:net";

export interface TunnelCounts {
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** Joins both sockets until both directions have ended. Never rejects: a broken side ends the other. */
export function joinSockets(agent: Socket, upstream: Socket, first: Buffer, early: Buffer): Promise<TunnelCounts> {
  return new Promise((resolve) => {
    let open = 2;
    const closed = () => {
      open -= 1;
      if (open > 0) return;
      resolve({ sentBytes: upstream.bytesWritten, receivedBytes: agent.bytesWritten });
    };
    for (const [from, to] of [[agent, upstream], [upstream, agent]] as const) {
      from.on("error", () => to.destroy());
      from.once("close", () => {
        // What was received is still delivered; nobody is left to read what would come back
        to.destroySoon();
        closed();
      });
    }
    if (agent.destroyed) upstream.destroy();
    upstream.write(first);
    if (early.length > 0) agent.write(early);
    agent.pipe(upstream);
    upstream.pipe(agent);
  });
}
