/**
 * Passes a body from one message of HTTP to another. What comes in one turn of the event loop goes on in one write: TLS hands a body over
 * in pieces of 16 KiB and less, and a write costs far more than what is in it. Nothing waits for longer than that.
 */
import type { IncomingMessage, OutgoingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";

const held = new WeakSet<Socket>();

/** Holds what is written to the socket back until this turn of the event loop ends, or the message does. */
export function holdForTurn(socket: Socket | null): void {
  if (!socket || held.has(socket)) return;
  held.add(socket);
  socket.cork();
  setImmediate(() => {
    held.delete(socket);
    socket.uncork();
  });
}

/** Head and body go out together where both are there. Ends `to` with `from`; what becomes of failures is the caller's. */
export function writeAll(from: Readable, to: OutgoingMessage): void {
  from.on("data", (chunk: Buffer) => {
    holdForTurn(to.socket);
    if (!to.write(chunk)) from.pause();
  });
  to.on("drain", () => from.resume());
  from.on("end", () => to.end());
}

/** As `writeAll`, and destroys `to` if `from` is cut off. */
export function passBody(from: IncomingMessage, to: OutgoingMessage): void {
  writeAll(from, to);
  from.on("error", () => to.destroy());
  // Who reads it is gone
  to.on("error", () => from.destroy());
  from.on("close", () => {
    if (!from.complete) to.destroy();
  });
}
