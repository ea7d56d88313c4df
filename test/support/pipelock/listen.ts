/** Binding addresses as Go writes them. */
import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { sendError } from "./answers.ts";
import { handleConnect } from "./connect.ts";
import { handleRequest, sendKillSwitch, sendMetrics } from "./endpoints.ts";
import { Failure } from "./failure.ts";
import type { Program } from "./program.ts";

/** A request must be whole within the first; its head within the second */
const requestTimeoutMs = 10_000;
const headTimeoutMs = 5_000;
const keepAliveMs = 120_000;
const checkMs = 1_000;

/** Resolves when the address is bound. Throws a `Failure` with Go's words. */
export function bind(server: Server, address: string): Promise<void> {
  const [, bracketed, plain, port] = /^(?:\[(.*)\]|([^:]*)):(\d{1,5})$/.exec(address) ?? [];
  if (port === undefined) throw new Failure(`listen tcp: address ${address}: missing port in address`);
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reasons: Readonly<Record<string, string>> = {
        EADDRINUSE: "bind: address already in use",
        EACCES: "bind: permission denied",
        EADDRNOTAVAIL: "bind: cannot assign requested address",
      };
      reject(new Failure(`listen tcp ${address}: ${reasons[error.code ?? ""] ?? error.message}`));
    });
    const host = bracketed ?? plain ?? "";
    server.listen({ port: Number(port), ...(host === "" ? {} : { host }) }, resolve);
  });
}

export function makeProxyServer(program: Program): Server {
  const server = makeServer((request, response) => {
    answer(program, response, handleRequest(program, request, response));
  });
  server.on("connect", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    handleConnect(program, request, socket, head).catch((error: unknown) => {
      program.log.error({ method: "CONNECT" }, error);
      socket.destroy();
    });
  });
  return server;
}

/** /metrics and /stats on an address of their own. */
export function makeMetricsServer(program: Program): Server {
  return makeServer((request, response) => {
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    if (!sendMetrics(program, path, response)) sendError(response, 404, "404 page not found");
  });
}

export function makeKillSwitchServer(program: Program): Server {
  return makeServer((request, response) => {
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    if (!sendKillSwitch(program, path, request, response)) sendError(response, 404, "404 page not found");
  });
}

function makeServer(handler: RequestListener): Server {
  const options = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: headTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: checkMs,
    // A client that half-closes is told so, instead of being cut off
    allowHalfOpen: true,
  };
  return createServer(options, handler);
}

function answer(program: Program, response: ServerResponse, handled: Promise<void>): void {
  handled.catch((error: unknown) => {
    program.log.error({ method: "" }, error);
    sendError(response, 500, "Internal Server Error");
  });
}
