/** Notices a client that leaves, or half-closes, before its CONNECT is answered: the real program counts that as cancelled. */
import type { Socket } from "node:net";

export interface ClientWatch {
  readonly isGone: () => boolean;
  /** Ends the watch; gives what the client has sent already */
  stop(): Buffer;
}

/** No client has reason to send more before the answer */
const maxEarlyBytes = 64 * 1024;

export function watchClient(socket: Socket, head: Buffer): ClientWatch {
  const chunks = [head];
  let length = head.length;
  let isGone = socket.destroyed || socket.readableEnded;
  const onEnd = () => {
    isGone = true;
  };
  const onData = (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxEarlyBytes) socket.pause();
  };
  socket.on("data", onData).once("end", onEnd).once("close", onEnd);
  socket.resume();
  return {
    isGone: () => isGone,
    stop() {
      socket.pause();
      socket.off("data", onData).off("end", onEnd).off("close", onEnd);
      return Buffer.concat(chunks);
    },
  };
}
