/** Reads the head of an HTTP message byte by byte from a socket, with limits, so that no lenient parser stands at the front door. */
import type { Socket } from "node:net";
import { Refusal } from "./refusal.ts";

const maxHeadBytes = 16 * 1024;

export interface RequestHead {
  /** Latin-1, without the empty line; holds no control characters but CR LF pairs and tabs */
  readonly text: string;
  /** What came after the head in the same packets; belongs to the tunnel */
  readonly rest: Buffer;
}

/** Reads up to the empty line. The socket is left paused. Rejects with a `Refusal` for a head that is too long, too slow or not text. */
export function readHead(socket: Socket, timeoutMs: number): Promise<RequestHead> {
  return new Promise((resolve, reject) => {
    let seen: Buffer = Buffer.alloc(0);
    const finish = (act: () => void) => {
      clearTimeout(timer);
      socket.off("data", onData).off("end", onEnd).off("close", onEnd).off("error", onEnd);
      socket.pause();
      act();
    };
    const refuse = (state: string) => finish(() => reject(new Refusal("malformed", state, 400)));
    const onEnd = () => refuse("the request ended before it was whole");
    const onData = (chunk: Buffer) => {
      const from = Math.max(0, seen.length - 3);
      seen = Buffer.concat([seen, chunk]);
      const end = seen.indexOf("\r\n\r\n", from);
      if (end > maxHeadBytes || (end < 0 && seen.length > maxHeadBytes)) {
        return refuse(`the request head is longer than ${maxHeadBytes} bytes`);
      }
      // Looked for at once: whoever sends bare line feeds or TLS here would wait for the time limit
      if (hasControlBytes(seen, from, end < 0 ? seen.length : end))
        return refuse("the request is not well-formed HTTP");
      if (end >= 0) {
        const head = { text: seen.toString("latin1", 0, end), rest: Buffer.from(seen.subarray(end + 4)) };
        finish(() => resolve(head));
      }
    };
    const timer = setTimeout(() => refuse("the request head took too long"), timeoutMs);
    socket.on("data", onData).on("end", onEnd).on("close", onEnd).on("error", onEnd);
    socket.resume();
  });
}

/** True if there is a control byte other than a tab or a CR LF pair; a CR at the very end may still get its LF. */
function hasControlBytes(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x0d) {
      if (at + 1 < bytes.length && bytes[at + 1] !== 0x0a) return true;
    } else if (byte === 0x0a) {
      if (bytes[at - 1] !== 0x0d) return true;
    } else if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f) return true;
  }
  return false;
}
