/**
 * A connection that the engine hands over as a raw stream (API: attach, exec start). Over node:http, because its `upgrade` event
 * keeps bytes that arrive together with the 101, and half-closing works on every engine version.
 */
import { request as httpRequest } from "node:http";
import type { IncomingMessage, RequestOptions as HttpOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import type { Endpoint } from "./endpoint.ts";
import { describeTransportFailure, EngineError, readMessage } from "./engine-error.ts";
import type { RequestOptions } from "./engine.ts";

export interface HijackedStream {
  /** Raw bytes from the engine; ends when the engine closes, also when it dies */
  readonly output: AsyncIterable<Uint8Array>;
  /** Resolves when the bytes are on their way: wait for it, and a slow reader slows the writer */
  write(data: Uint8Array | string): Promise<void>;
  /** Half-close: the other side sees end of input, output goes on */
  endInput(): void;
  destroy(): void;
}

/** Opens a hijacked stream with a POST. A refusal is an `EngineError` with the engine's message. */
export function hijack(endpoint: Endpoint, path: string, options: RequestOptions): Promise<HijackedStream> {
  const body = options.body === undefined ? "" : JSON.stringify(options.body);
  const settings: HttpOptions = {
    method: "POST",
    path,
    agent: false,
    headers: {
      Host: "engine",
      Connection: "Upgrade",
      Upgrade: "tcp",
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
    },
    ...(options.signal ? { signal: options.signal } : {}),
  };
  return new Promise((resolve, reject) => {
    const request = openRequest(endpoint, settings);
    request.on("upgrade", (_response: IncomingMessage, socket: Socket, head: Buffer) =>
      resolve(wrap(socket, head)),
    );
    request.on("response", (response: IncomingMessage) => {
      readRefusal(response, options.action).then(reject, reject);
    });
    request.on("error", (cause) => {
      reject(
        new EngineError({
          action: options.action,
          state: describeTransportFailure(cause),
          isTransport: true,
          cause,
        }),
      );
    });
    request.end(body);
  });
}

function openRequest(endpoint: Endpoint, settings: HttpOptions) {
  if (endpoint.kind === "unix") return httpRequest({ ...settings, socketPath: endpoint.socketPath });
  const { hostname, port } = new URL(endpoint.url);
  return httpsRequest({ ...settings, ...endpoint.tls, hostname, port });
}

async function readRefusal(response: IncomingMessage, action: string | undefined): Promise<EngineError> {
  let text = "";
  for await (const chunk of response) text += String(chunk);
  const status = response.statusCode ?? 0;
  const state = readMessage(text) || `status ${status} where a stream was expected`;
  return new EngineError({ action, state, status });
}

function wrap(socket: Socket, head: Buffer): HijackedStream {
  // The output's iterator reports the end; an error without a listener would end the process
  socket.on("error", () => undefined);
  return {
    output: readSocket(socket, head),
    write: (data) =>
      new Promise((resolve, reject) => {
        socket.write(data, (error) => (error ? reject(error) : resolve()));
      }),
    endInput: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}

/** Yields the early bytes and then the socket's; a connection that breaks ends the stream, and the caller asks for the reason. */
async function* readSocket(socket: Socket, head: Buffer): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  try {
    for await (const chunk of socket) yield chunk as Buffer;
  } catch {
    // The engine went away; whoever waits for the container's exit learns why
  } finally {
    socket.destroy();
  }
}
