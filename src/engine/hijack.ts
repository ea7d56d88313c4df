/**
 * A connection that the engine hands over as a raw stream (API: attach, exec start). Over node:http, because its `upgrade` event
 * keeps bytes that arrive together with the 101, and half-closing works on every engine version.
 */
import { request as httpRequest } from "node:http";
import type { IncomingMessage, RequestOptions as HttpOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { makeTlsOptions } from "./endpoint.ts";
import type { Endpoint } from "./endpoint.ts";
import { SocketOutput } from "./socket-output.ts";
import { EngineError, makeTransportError, readMessage } from "./engine-error.ts";
import type { RequestOptions } from "./engine.ts";

export interface HijackedStream {
  /** Raw bytes from the engine; ends when the engine closes, also when it dies */
  readonly output: AsyncIterable<Uint8Array>;
  /** Resolves when the bytes are on their way: wait for it, and a slow reader slows the writer. Rejects if the engine has closed */
  write(data: Uint8Array | string): Promise<void>;
  /** Half-close: the other side sees end of input, output goes on */
  endInput(): void;
  destroy(): void;
  /** Resolves when the connection is gone, for whatever reason; output that nobody reads holds it open */
  readonly closed: Promise<void>;
}

/** More than any message of an engine */
const maxRefusalBytes = 64 * 1024;

/**
 * Opens a hijacked stream with a POST. A refusal is an `EngineError` with the engine's message. The signal also ends the stream
 * later on, the time limit only concerns the opening.
 */
export function hijack(endpoint: Endpoint, path: string, options: RequestOptions): Promise<HijackedStream> {
  const body = options.body === undefined ? "" : JSON.stringify(options.body);
  return new Promise((resolve, reject) => {
    options.signal?.throwIfAborted();
    const request = openRequest(endpoint, path, body);
    const fail = (cause: unknown) => {
      release();
      reject(makeTransportError(cause, options));
      request.destroy();
    };
    const abort = () => fail(options.signal?.reason);
    const expire = () => fail(new DOMException("No answer in time", "TimeoutError"));
    const limit = options.timeoutMs ? setTimeout(expire, options.timeoutMs) : undefined;
    const release = () => {
      clearTimeout(limit);
      options.signal?.removeEventListener("abort", abort);
    };
    options.signal?.addEventListener("abort", abort);
    request.on("upgrade", (_response: IncomingMessage, socket: Socket, head: Buffer) => {
      release();
      resolve(wrap(socket, head, options));
    });
    request.on("response", (response: IncomingMessage) => {
      readRefusal(response, options.action).then(fail, fail);
    });
    request.on("error", fail);
    request.end(body);
  });
}

function openRequest(endpoint: Endpoint, path: string, body: string) {
  const settings: HttpOptions = {
    method: "POST",
    path,
    agent: false,
    headers: {
      Host: endpoint.kind === "unix" ? "engine" : new URL(endpoint.url).host,
      Connection: "Upgrade",
      Upgrade: "tcp",
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
    },
  };
  if (endpoint.kind === "unix") return httpRequest({ ...settings, socketPath: endpoint.socketPath });
  const { hostname, port } = new URL(endpoint.url);
  // An IPv6 address stands in brackets in a URL only
  const host = hostname.replace(/^\[|\]$/g, "");
  return httpsRequest({ ...settings, ...makeTlsOptions(endpoint.tls), hostname: host, port });
}

/** What an engine says that does not hand the connection over. A status of success would be a stream without end. */
async function readRefusal(response: IncomingMessage, action: string | undefined): Promise<EngineError> {
  const status = response.statusCode ?? 0;
  let text = "";
  if (status >= 400) {
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > maxRefusalBytes) break;
    }
  }
  const state = readMessage(text) || `status ${status} where a stream was expected`;
  return new EngineError({ action, state, status });
}

function wrap(socket: Socket, head: Buffer, options: RequestOptions): HijackedStream {
  const { action, signal } = options;
  const destroy = () => void socket.destroy();
  // The output's iterator reports the end; an error without a listener would end the process
  socket.on("error", () => undefined);
  signal?.addEventListener("abort", destroy);
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => {
      signal?.removeEventListener("abort", destroy);
      resolve();
    });
  });
  return {
    output: new SocketOutput(socket, head),
    write: (data) =>
      new Promise((resolve, reject) => {
        socket.write(data, (error) =>
          error ? reject(makeTransportError(error, { action, signal })) : resolve(),
        );
      }),
    endInput: () => void socket.end(),
    destroy,
    closed,
  };
}
