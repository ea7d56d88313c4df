/** A scripted engine on a temporary unix socket or on loopback with TLS: replies are bytes, requests are recorded. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TlsFiles } from "../../src/engine/endpoint-world.ts";
import type { Endpoint } from "../../src/engine/endpoint.ts";
import { makeEngine } from "../../src/engine/engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { readRequest } from "./http-request.ts";
import type { RecordedRequest } from "./http-request.ts";

/** One accepted connection, as a script uses it. */
export interface Connection {
  /** Writes bytes; resolves when the kernel has taken them, or when the other side is gone */
  send(data: string | Uint8Array): Promise<void>;
  /** Ends the connection after what was sent */
  end(): void;
  /** Breaks the connection off */
  terminate(): void;
  /** The next bytes that come after the request, for hijacked connections; undefined at the other side's end */
  receive(): Promise<Buffer | undefined>;
  /** Stops reading, so that the other side's writes come to a stand */
  pause(): void;
  resume(): void;
  /** Resolves when the other side has closed */
  readonly closed: Promise<void>;
}

export type Script = (connection: Connection, request: RecordedRequest) => void | Promise<void>;

export interface FakeDaemon extends AsyncDisposable {
  readonly endpoint: Endpoint;
  /** A client that speaks to it without having asked for a version */
  readonly engine: Engine;
  /** Everything that was asked for, in order */
  readonly requests: readonly RecordedRequest[];
}

/** What one listens on: nothing for a unix socket, certificates for TLS on loopback. */
export interface Tls {
  readonly server: { readonly cert: string; readonly key: string; readonly ca: string };
  readonly client: TlsFiles;
}

interface State {
  pending: Buffer;
  isHandled: boolean;
  readonly input: (Buffer | undefined)[];
  readonly wake: (() => void)[];
  readonly drained: (() => void)[];
  readonly close: () => void;
  readonly connection: Connection;
}

/** Starts a daemon that answers every request by the script. */
export async function startFakeDaemon(script: Script, tls?: Tls): Promise<FakeDaemon> {
  const folder = await mkdtemp(join(tmpdir(), "fake-daemon-"));
  const requests: RecordedRequest[] = [];
  const handler: Bun.SocketHandler<State> = {
    open: (socket) => void (socket.data = makeState(socket)),
    data: (socket, bytes) => {
      const state = socket.data;
      if (state.isHandled) return push(state, Buffer.from(bytes));
      state.pending = Buffer.concat([state.pending, bytes]);
      const parsed = readRequest(state.pending);
      if (!parsed) return;
      state.isHandled = true;
      state.pending = Buffer.alloc(0);
      if (parsed.rest.length > 0) push(state, parsed.rest);
      requests.push(parsed.request);
      void script(state.connection, parsed.request);
    },
    drain: (socket) => socket.data.drained.splice(0).forEach((resolve) => resolve()),
    end: (socket) => push(socket.data, undefined),
    close: (socket) => socket.data.close(),
    error: () => undefined,
  };
  const socketPath = join(folder, "engine.sock");
  const listener = tls
    ? Bun.listen<State>({
        hostname: "127.0.0.1",
        port: 0,
        tls: { ...tls.server, requestCert: true },
        socket: handler,
      })
    : Bun.listen<State>({ unix: socketPath, socket: handler });
  const endpoint: Endpoint = tls
    ? {
        kind: "tcp",
        url: `https://127.0.0.1:${portOf(listener)}`,
        tls: tls.client,
        shown: "tcp",
        origin: "test",
      }
    : { kind: "unix", socketPath, shown: `unix://${socketPath}`, origin: "test" };
  return {
    endpoint,
    engine: makeEngine(endpoint, "1.41", "1"),
    requests,
    async [Symbol.asyncDispose]() {
      listener.stop(true);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A whole answer, after which the connection ends. */
export function renderReply(
  status: number,
  body: unknown = "",
  headers: Record<string, string> = {},
): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const lines = Object.entries({
    "Content-Length": String(Buffer.byteLength(text)),
    Connection: "close",
    ...headers,
  });
  return `HTTP/1.1 ${status} X\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${text}`;
}

/** A script that gives the same answer to everybody. */
export function always(status: number, body: unknown = "", headers: Record<string, string> = {}): Script {
  return async (connection) => {
    await connection.send(renderReply(status, body, headers));
    connection.end();
  };
}

/** The head of a stream: chunks follow by `renderChunk`, the empty one ends it. */
export const streamHead =
  "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

export function renderChunk(data: string | Uint8Array): Buffer {
  const bytes = Buffer.from(data);
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}

/** What the engine says when it hands a connection over */
export const upgradeHead =
  "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";

/** One frame of the multiplexed stream. */
export function renderFrame(stream: "stdout" | "stderr", data: string | Uint8Array): Buffer {
  const payload = Buffer.from(data);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream === "stdout" ? 1 : 2, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

function makeState(socket: Bun.Socket<State>): State {
  const closed = Promise.withResolvers<void>();
  const input: (Buffer | undefined)[] = [];
  const wake: (() => void)[] = [];
  const drained: (() => void)[] = [];
  const connection: Connection = {
    async send(data) {
      let rest = Buffer.from(data);
      while (rest.length > 0) {
        const written = socket.write(rest);
        if (written < 0) return;
        rest = rest.subarray(written);
        if (rest.length > 0) {
          await Promise.race([new Promise<void>((resolve) => drained.push(resolve)), closed.promise]);
        }
      }
    },
    end: () => void socket.end(),
    terminate: () => socket.terminate(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    async receive() {
      if (input.length === 0)
        await Promise.race([new Promise<void>((resolve) => wake.push(resolve)), closed.promise]);
      return input.shift();
    },
    closed: closed.promise,
  };
  return {
    pending: Buffer.alloc(0),
    isHandled: false,
    input,
    wake,
    drained,
    close: closed.resolve,
    connection,
  };
}

function push(state: State, bytes: Buffer | undefined): void {
  state.input.push(bytes);
  for (const resolve of state.wake.splice(0)) resolve();
}

function portOf(listener: Bun.TCPSocketListener<State> | Bun.UnixSocketListener<State>): number {
  return "port" in listener ? listener.port : 0;
}
