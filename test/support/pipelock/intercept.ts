/** A tunnel whose TLS is opened: every request inside is judged like plain HTTP, and goes on over a TLS connection of its own. */
import { createServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { endToEndHeaders, sendError } from "./answers.ts";
import type { FirstBytes } from "./first-bytes.ts";
import { judgeBody, judgeHeaders } from "./judge-request.ts";
import type { LogContext } from "./log.ts";
import { isKilled } from "./program.ts";
import type { Program } from "./program.ts";
import { isCompressed, isEventStream, judgeMedia, readAnswer, writeAnswer } from "./read-answer.ts";
import { scanUrl } from "./scan-url.ts";
import { sendUpstream } from "./upstream.ts";
import { statusOf } from "./verdict.ts";

export interface OpenedTunnel {
  readonly host: string;
  readonly port: number;
  readonly authority: string;
  readonly context: LogContext;
  readonly socket: Socket;
  readonly first: FirstBytes;
  readonly deadline: number;
}

const headerTimeoutMs = 10_000;
const handshakeTimeoutMs = 10_000;

/** Resolves when the client's connection is closed. */
export async function interceptTunnel(program: Program, tunnel: OpenedTunnel): Promise<void> {
  const { socket, first, context } = tunnel;
  const { authority } = program.policy;
  if (!authority || first.isEnded) {
    program.log.error(context, "client TLS handshake: EOF");
    socket.destroy();
    return;
  }
  const server = createServer({
    ...authority.leafFor(tunnel.host),
    ALPNProtocols: ["http/1.1"],
    minVersion: "TLSv1.2",
    handshakeTimeout: handshakeTimeoutMs,
    headersTimeout: headerTimeoutMs,
  });
  server.on("request", (request, response) => {
    handle(program, tunnel, request, response).catch((error: unknown) => {
      program.log.error(context, error);
      sendError(response, 502, "upstream error");
    });
  });
  server.once("tlsClientError", (error) => {
    program.log.blocked(context, "tls_handshake_error", error.message);
    program.log.error(context, `client TLS handshake: ${error.message}`);
    socket.destroy();
  });
  await new Promise<void>((resolve) => {
    const lifetime = setTimeout(
      () => socket.destroy(),
      Math.min(Math.max(tunnel.deadline - Date.now(), 0), 2 ** 31 - 1),
    );
    socket.once("close", () => {
      clearTimeout(lifetime);
      resolve();
    });
    if (first.bytes.length > 0) socket.unshift(first.bytes);
    server.emit("connection", socket);
  });
}

async function handle(
  program: Program,
  tunnel: OpenedTunnel,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { policy, log } = program;
  const { config } = policy;
  if (isKilled(program)) return sendError(response, 503, "kill switch active");
  const path = request.url ?? "/";
  const urlHost = tunnel.host.includes(":") ? `[${tunnel.host}]` : tunnel.host;
  const suffix = tunnel.port === 443 ? "" : `:${tunnel.port}`;
  const url = `https://${urlHost}${suffix}${path}`;
  const { target: _, ...about } = tunnel.context;
  const context: LogContext = { ...about, method: request.method ?? "", url };
  const authority = request.headers.host ?? "";
  if (!isSameAuthority(authority, tunnel)) {
    const reason = `authority mismatch: ${authority} vs ${tunnel.authority}`;
    log.blocked({ ...context, url: `https://${authority}${path}` }, "tls_authority_mismatch", reason);
    return sendError(response, 403, "authority mismatch: blocked");
  }
  const judged = await judge(program, context, request);
  if (!judged.isAllowed) {
    program.counts.blocked += 1;
    return sendError(response, judged.status, `blocked: ${judged.reason}`);
  }
  const stop = new AbortController();
  response.once("close", () => stop.abort());
  const answer = await sendUpstream(policy, {
    method: request.method ?? "GET",
    isTls: true,
    host: tunnel.host,
    port: tunnel.port,
    path,
    headers: request.headers,
    body: judged.body,
    signal: stop.signal,
  });
  const refusal = await passOn(answer, request, response, config.interception.maxResponseBytes);
  if (refusal === undefined) {
    program.counts.allowed += 1;
    return;
  }
  log.blocked(context, refusal.scanner, refusal.reason);
  program.counts.blocked += 1;
  sendError(response, 403, `blocked: ${refusal.reason}`);
}

type Judgement =
  | { readonly isAllowed: true; readonly body: Buffer }
  | { readonly isAllowed: false; readonly status: number; readonly reason: string };

function refuse(reason: string, status = 403): Judgement {
  return { isAllowed: false, status, reason };
}

/** URL, body and headers, in this order; unlike over plain HTTP every refusal has a `blocked` line. */
async function judge(program: Program, context: LogContext, request: IncomingMessage): Promise<Judgement> {
  const { policy, log } = program;
  const verdict = await scanUrl(policy, context.url ?? "", () => request.socket.destroyed);
  if (!verdict.isAllowed) {
    if (policy.config.enforce) {
      log.blocked(context, verdict.scanner, verdict.reason);
      return refuse(verdict.reason, statusOf(verdict.scanner));
    }
    log.anomaly(context, verdict.scanner, verdict.reason);
  }
  const body = await judgeBody(program, policy, context, request);
  if (!body.isAllowed) {
    if (!body.isUnreadable) log.blocked(context, "body_dlp", body.reason);
    return refuse(body.reason);
  }
  if (judgeHeaders(program, policy, context, request.headers)) {
    log.blocked(context, "header_dlp", "request header contains secret");
    return refuse("request header contains secret");
  }
  return body;
}

/** Passes an answer on, or says why not. An event stream is not held back. */
async function passOn(
  answer: IncomingMessage,
  request: IncomingMessage,
  response: ServerResponse,
  limit: number,
): Promise<{ readonly scanner: string; readonly reason: string } | undefined> {
  if (isCompressed(answer)) {
    answer.destroy();
    return { scanner: "tls_response_blocked", reason: "compressed response cannot be scanned" };
  }
  if (isEventStream(answer)) {
    response.writeHead(answer.statusCode ?? 502, endToEndHeaders(answer.headers));
    answer.once("close", () => {
      if (!answer.complete) response.destroy();
    });
    answer.pipe(response);
    return undefined;
  }
  const { body, isCut } = await readAnswer(answer, limit);
  if (isCut) return { scanner: "tls_response_blocked", reason: "response too large for scanning" };
  const media = judgeMedia(answer, body);
  if (media !== undefined) return { scanner: "media_policy", reason: media };
  writeAnswer(response, answer, body, request.method);
  return undefined;
}

/** Host and port of the request must be those of CONNECT, or one host could be reached under another's name. */
function isSameAuthority(authority: string, { host, port }: OpenedTunnel): boolean {
  const [, bracketed, plain, digits = "443"] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(authority) ?? [];
  return (bracketed ?? plain ?? "").toLowerCase() === host.toLowerCase() && digits === String(port);
}
