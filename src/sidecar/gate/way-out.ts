/** What all ways on from the gate have in common: the contract, and one TCP connection to one address. */
import { connect } from "node:net";
import type { Socket } from "node:net";

export interface Target {
  /** Canonical */
  readonly host: string;
  readonly port: number;
  readonly isPrivate: boolean;
}

export interface Upstream {
  /** Paused, half-open allowed, with an error listener */
  readonly socket: Socket;
  /** What the other end sent before anybody asked */
  readonly early: Buffer;
}

/** Opens a connection to the target. A failure is a `Refusal` with the status for the agent. */
export type WayOut = (target: Target) => Promise<Upstream>;

/** Connects to an address, never a name. Rejects with the system's error, or one that says `timed out`. */
export function dial(address: string, port: number, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true, keepAlive: true });
    const timer = setTimeout(() => socket.destroy(new Error("timed out")), timeoutMs);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", onError);
      // From here on whoever pipes listens; between two owners an error must not end the gate
      socket.on("error", () => undefined);
      socket.pause();
      resolve(socket);
    });
    const onError = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    socket.on("error", onError);
  });
}
