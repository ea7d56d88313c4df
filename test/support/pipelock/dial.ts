/** One TCP connection. */
import { connect } from "node:net";
import type { Socket } from "node:net";

/** Undefined if nobody is there. */
export function dial(address: string, port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
    socket.on("error", () => resolve(undefined));
    socket.once("connect", () => resolve(socket));
  });
}
