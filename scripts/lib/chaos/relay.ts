/**
 * A unix socket in front of an engine's that passes every byte on, counts the requests, and does something at one of them: before it
 * has been passed on, once it has been, or before the first byte of its answer is.
 */
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";

/** Where in the life of a request a fault comes. `sent`: the engine has it, and has not answered */
export const points = ["before", "sent", "after"] as const;
export type Point = (typeof points)[number];

export interface Call {
  readonly method: string;
  /** Without the version and the query */
  readonly path: string;
}

export interface Trap {
  /** Counted from 1 */
  readonly call: number;
  readonly point: Point;
  /** What happens. The request, or its answer, is not passed on if it resolves to `false` */
  readonly spring: (call: Call) => Promise<boolean>;
}

export interface Relay {
  readonly path: string;
  /** In the order in which they came */
  readonly calls: readonly Call[];
  set(trap: Trap | undefined): void;
  close(): void;
}

/** A client sends one request at a time on a connection, and a request's head comes in one piece as far as this line. */
const requestLine = /^(GET|POST|PUT|DELETE|HEAD) (?:\/v[\d.]+)?(\/[^ ?]*)\S* HTTP\/1\.1\r\n/;

export function startRelay(path: string, enginePath: string): Promise<Relay> {
  const calls: Call[] = [];
  const open = new Set<Socket>();
  let trap: Trap | undefined;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = connect({ path: enginePath, allowHalfOpen: true });
    for (const socket of [client, engine]) {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
      socket.on("error", () => undefined);
    }
    client.on("close", () => engine.destroy());
    engine.on("close", () => client.destroy());
    /** Of the request whose answer is awaited */
    let awaited: (() => Promise<boolean>) | undefined;
    carry(client, engine, async (bytes) => {
      const [, method, target] = requestLine.exec(bytes.toString("latin1", 0, 4096)) ?? [];
      if (method === undefined || target === undefined) return true;
      const call = { method, path: target };
      calls.push(call);
      if (trap?.call !== calls.length) return true;
      const { point, spring } = trap;
      if (point === "before") return spring(call);
      if (point === "after") awaited = () => spring(call);
      else engine.write(bytes, () => void spring(call));
      return point === "after";
    });
    carry(engine, client, async () => {
      const act = awaited;
      awaited = undefined;
      return act === undefined || act();
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () =>
      resolve({
        path,
        calls,
        set: (next) => (trap = next),
        close() {
          server.close();
          for (const socket of open) socket.destroy();
        },
      }),
    );
  });
}

/** Passes on what `look` lets through, in order; a side that reads slowly slows the other down. */
function carry(from: Socket, to: Socket, look: (bytes: Buffer) => Promise<boolean>): void {
  let queue = Promise.resolve();
  from.on("data", (bytes: Buffer) => {
    from.pause();
    queue = queue.then(async () => {
      if ((await look(bytes)) && !to.destroyed && !to.write(bytes)) await drained(to);
      from.resume();
    });
  });
  from.on("end", () => {
    queue = queue.then(() => void to.end());
  });
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("drain", resolve);
    socket.once("close", resolve);
  });
}
