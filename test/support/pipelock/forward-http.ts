/** Plain HTTP by absolute URI: the proxy is the client, follows redirects itself and scans everything. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { endToEndHeaders, sendError } from "./answers.ts";
import { judgeBody, judgeHeaders } from "./judge-request.ts";
import type { LogContext } from "./log.ts";
import type { Policy } from "./policy.ts";
import { beginRequest } from "./program.ts";
import type { Program } from "./program.ts";
import { isCompressed, isEventStream, judgeMedia, readAnswer, writeAnswer } from "./read-answer.ts";
import { hostOf, scanUrl } from "./scan-url.ts";
import { sendUpstream } from "./upstream.ts";
import { statusOf } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

const maxRedirects = 5;

interface Exchange {
  readonly program: Program;
  readonly policy: Policy;
  readonly context: LogContext;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly startedAt: number;
}

export async function handleForwardHttp(
  program: Program,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!program.policy.config.forward.enabled) return sendError(response, 405, "forward proxy not enabled");
  const { policy } = program;
  const raw = request.url ?? "";
  const context = { ...beginRequest(program, request), url: raw };
  const exchange: Exchange = { program, policy, context, request, response, startedAt: Date.now() };
  const verdict = await scanUrl(policy, raw, () => request.socket.destroyed);
  if (refuses(exchange, context, verdict)) return;
  const body = await judgeBody(program, policy, context, request);
  if (!body.isAllowed) return deny(exchange, body.reason);
  if (judgeHeaders(program, policy, context, request.headers)) {
    return deny(exchange, "request header contains secret");
  }
  const stop = new AbortController();
  // One limit for everything, also for an answer that is still streaming
  const timer = setTimeout(() => stop.abort(), policy.config.timeoutSeconds * 1000);
  response.once("close", () => stop.abort());
  try {
    await passOn(exchange, raw, body.body, stop.signal);
  } catch (error) {
    program.log.error(context, error);
    sendError(response, 502, "forward proxy fetch failed");
  } finally {
    clearTimeout(timer);
  }
}

async function passOn(exchange: Exchange, raw: string, body: Buffer, signal: AbortSignal): Promise<void> {
  const { policy, request, response, context, program } = exchange;
  let url = raw;
  let method = request.method ?? "GET";
  let sent = body;
  for (let hop = 0; ; hop += 1) {
    const answer = await sendUpstream(policy, {
      ...readOrigin(url),
      method,
      headers: hop === 0 ? request.headers : withoutCredentials(request.headers),
      body: sent,
      signal,
    });
    const location = answer.headers.location;
    if (![301, 302, 303, 307, 308].includes(answer.statusCode ?? 0) || location === undefined) {
      await answerClient(exchange, answer);
      return;
    }
    answer.destroy();
    if (hop >= maxRedirects) throw new Error(`too many redirects (max ${maxRedirects})`);
    url = new URL(location, url).href;
    if ((answer.statusCode ?? 0) <= 303 && method !== "HEAD") {
      method = "GET";
      sent = Buffer.alloc(0);
    }
    const verdict = await scanUrl(policy, url, () => response.destroyed);
    program.log.event(
      "info",
      "redirect",
      { original_url: raw, redirect_url: url, hop: hop + 1 },
      "redirect followed",
    );
    if (refuses(exchange, { ...context, url }, verdict)) return;
  }
}

async function answerClient(exchange: Exchange, answer: IncomingMessage): Promise<void> {
  const { policy, response, program, context, startedAt } = exchange;
  const status = answer.statusCode ?? 502;
  const finish = (size: number) => {
    program.counts.allowed += 1;
    const fields = { status_code: status, size_bytes: size, duration_ms: Date.now() - startedAt };
    program.log.allowed("forward_http", context, fields, "forward proxy request");
  };
  if (isCompressed(answer)) {
    answer.destroy();
    program.log.blocked(context, "response_scan", "compressed response cannot be scanned");
    return deny(exchange, "compressed response cannot be scanned");
  }
  if (isEventStream(answer)) {
    response.writeHead(status, endToEndHeaders(answer.headers));
    answer.once("error", () => response.destroy());
    answer.once("close", () => (answer.complete ? finish(0) : response.destroy()));
    await new Promise<void>((resolve) => {
      response.once("close", resolve);
      answer.pipe(response);
    });
    return;
  }
  // Cut in silence at the limit, with the server's status
  const { body } = await readAnswer(answer, policy.config.maxResponseBytes);
  const refusal = judgeMedia(answer, body);
  if (refusal !== undefined) {
    program.log.blocked(context, "media_policy", refusal);
    return deny(exchange, refusal);
  }
  writeAnswer(response, answer, body, exchange.request.method);
  finish(body.length);
}

/** Answers a refusal; false if the request may go on. */
function refuses(exchange: Exchange, context: LogContext, verdict: Verdict): boolean {
  if (verdict.isAllowed) return false;
  const { program, policy, response } = exchange;
  if (!policy.config.enforce) {
    program.log.anomaly(context, verdict.scanner, verdict.reason);
    return false;
  }
  program.log.blocked(context, verdict.scanner, verdict.reason);
  program.counts.blocked += 1;
  const hint = policy.config.explainBlocks ? verdict.hint : undefined;
  sendError(response, statusOf(verdict.scanner), `blocked: ${verdict.reason}`, hint);
  return true;
}

function deny({ program, response }: Exchange, reason: string): void {
  program.counts.blocked += 1;
  sendError(response, 403, `blocked: ${reason}`);
}

/** The dialled host is the text of the URL, so that a hidden address that passed the scan goes nowhere. */
function readOrigin(raw: string): { isTls: boolean; host: string; port: number; path: string } {
  const url = new URL(raw);
  const written = /^[a-z]+:\/\/(?:[^@/?#]*@)?(\[[^\]]*\]|[^:/?#]*)/i.exec(raw)?.[1] ?? "";
  const host = written.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  const isTls = url.protocol === "https:";
  const isSame = host === hostOf(url) || host === url.hostname;
  return {
    isTls,
    host: isSame ? hostOf(url) : written,
    port: url.port === "" ? (isTls ? 443 : 80) : Number(url.port),
    path: `${url.pathname}${url.search}`,
  };
}

function withoutCredentials(headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  const { authorization: _1, cookie: _2, ...rest } = headers;
  return rest;
}
