/**
 * A raw connection to the engine's socket. By Bun's own socket: node's has several layers of streams, which each keystroke and its echo
 * would pay for. What it leaves to its user is done here: bytes that the kernel did not take at once, and errors in callbacks.
 */
import { IncomingBytes } from "../core/incoming-bytes.ts";
import type { RawConnection } from "./raw-connection.ts";

interface Waiting {
  rest: Uint8Array;
  resolve(): void;
  reject(error: Error): void;
}

/** Connects; rejects with the system's error. */
export async function connectUnix(path: string): Promise<RawConnection> {
  const state = new ConnectionState();
  state.socket = await Bun.connect({
    unix: path,
    socket: {
      data: (_socket, bytes) => state.incoming.push(bytes),
      drain: () => state.flush(),
      end: () => state.incoming.end(),
      close: () => state.close(),
      error: () => undefined,
      connectError: () => undefined,
    },
  });
  return {
    incoming: state.incoming,
    write: (data) => state.write(data),
    endInput: () => state.endInput(),
    destroy: () => void state.socket?.terminate(),
    closed: state.closed.promise,
  };
}

class ConnectionState {
  socket: Bun.Socket | undefined;
  readonly closed = Promise.withResolvers<void>();
  readonly incoming = new IncomingBytes({
    pause: () => this.socket?.pause(),
    resume: () => this.socket?.resume(),
    destroy: () => void this.socket?.terminate(),
  });
  readonly #waiting: Waiting[] = [];
  #isClosed = false;
  #isEnding = false;

  write(data: Uint8Array | string): void | Promise<void> {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    if (this.#isClosed || this.#isEnding) return Promise.reject(closedError());
    const count = this.#waiting.length > 0 ? 0 : this.#send(bytes);
    if (count === bytes.length) return;
    return new Promise((resolve, reject) =>
      this.#waiting.push({ rest: bytes.subarray(count), resolve, reject }),
    );
  }

  flush(): void {
    for (;;) {
      const first = this.#waiting[0];
      if (!first) break;
      first.rest = first.rest.subarray(this.#send(first.rest));
      if (first.rest.length > 0) return;
      this.#waiting.shift();
      first.resolve();
    }
    if (this.#isEnding) this.socket?.shutdown();
  }

  endInput(): void {
    this.#isEnding = true;
    this.flush();
  }

  close(): void {
    this.#isClosed = true;
    this.incoming.end();
    for (const { reject } of this.#waiting.splice(0)) reject(closedError());
    this.closed.resolve();
  }

  /** How many bytes the kernel took; of a socket that is closing none, and `close` follows */
  #send(bytes: Uint8Array): number {
    return Math.max(0, this.socket?.write(bytes) ?? 0);
  }
}

function closedError(): Error {
  return Object.assign(new Error("The connection was closed"), { code: "ERR_SOCKET_CLOSED" });
}
