/** An open tunnel: bytes both ways with backpressure and half-closes passed on, counted for the record. */
import type { Socket } from "node:net";
import type { Meter } from "./bounds.ts";
import type { Upstream } from "./way-out.ts";

export interface TunnelCounts {
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/**
 * Joins agent and upstream until both are closed, starting with the agent's `first` bytes. Never rejects: a broken side ends the
 * other. Both sockets must have an error listener and be paused.
 */
export async function runTunnel(
  agent: Socket,
  upstream: Upstream,
  first: Buffer,
  meter?: Meter,
): Promise<TunnelCounts> {
  const { socket, early } = upstream;
  // Heads of HTTP went through both before
  const [agentBefore, upstreamBefore] = [agent.bytesWritten, socket.bytesWritten];
  const ended = Promise.all([endWith(agent, socket), endWith(socket, agent)]);
  const cut = () => [socket, agent].forEach((one) => one.destroy());
  if (first.length > 0 && meter && !meter.upload(first.length)) cut();
  if (first.length > 0) socket.write(first);
  if (early.length > 0) agent.write(early);
  // In front of the pipe: what may not go is not written into a socket that is gone
  if (meter) agent.on("data", (chunk: Buffer) => void (meter.upload(chunk.length) || cut()));
  agent.pipe(socket);
  socket.pipe(agent);
  await ended;
  return { sentBytes: socket.bytesWritten - upstreamBefore, receivedBytes: agent.bytesWritten - agentBefore };
}

/** Resolves when `one` is closed. What it sent before is still delivered; nobody is left to read what would come back. */
function endWith(one: Socket, other: Socket): Promise<void> {
  return new Promise((resolve) => {
    one.once("error", () => other.destroy());
    const onClosed = () => {
      if (one.errored) other.destroy();
      else other.destroySoon();
      resolve();
    };
    if (one.closed) onClosed();
    else one.once("close", onClosed);
  });
}
