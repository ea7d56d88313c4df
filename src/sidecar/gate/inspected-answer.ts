/** Answers of inspected hosts pass as they come; those that the gate gives itself say what was blocked. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { pairUp } from "./bound-request.ts";
import { answerHopHeaders } from "./hop-headers.ts";
import { BlockedRequest } from "./inspect-findings.ts";
import { holdForTurn, passBody } from "./pass-body.ts";
import { Refusal, renderRefusalBody } from "./refusal.ts";
import { Trapped } from "./trapped.ts";

const dropped: ReadonlySet<string> = new Set<string>([...answerHopHeaders, "proxy-authenticate"]);
const tlsPort = 443;

/** Head, body and trailers, unchanged and at once. */
export function passAnswer(upstream: IncomingMessage, answer: ServerResponse): void {
  const headers = pairUp(upstream.rawHeaders).filter(([name]) => !dropped.has(name.toLowerCase()));
  answer.sendDate = false;
  answer.writeHead(
    upstream.statusCode ?? 502,
    (upstream.statusMessage ?? "").replaceAll(/[^\x20-\x7e]/g, ""),
    headers.flat(),
  );
  // An event stream whose head waits for its first event looks like a hang
  holdForTurn(answer.socket);
  answer.flushHeaders();
  upstream.once("end", () => {
    if (upstream.rawTrailers.length > 0) answer.addTrailers(pairUp(upstream.rawTrailers) as never);
  });
  passBody(upstream, answer);
}

/** Says why in the form that the client reads: as JSON to whoever asks for it. */
export function refuseInspected(
  incoming: IncomingMessage,
  answer: ServerResponse,
  error: unknown,
  host: string,
): void {
  if (error instanceof Trapped) return;
  // Read to its end, so that the client sees the answer and not a reset
  incoming.resume();
  if (answer.headersSent || answer.destroyed) return void answer.destroy();
  const refusal =
    error instanceof Refusal ? error : new Refusal("unreachable", "the host closed the connection", 502);
  const blocked = refusal instanceof BlockedRequest ? refusal.blocking : undefined;
  const text = renderRefusalBody(refusal, { host, port: tlsPort });
  const isJson =
    /\bjson\b/.test(incoming.headers.accept ?? "") || /\bjson\b/.test(incoming.headers["content-type"] ?? "");
  const body = isJson
    ? `${JSON.stringify({ error: text.trimEnd(), ...(blocked && { rule: blocked.rule, where: blocked.where }) })}\n`
    : text;
  const phrase = blocked ? `Blocked by claude-bottle: ${blocked.rule}` : undefined;
  const headers = {
    "content-type": isJson ? "application/json" : "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "x-claude-bottle": blocked ? `blocked; rule=${blocked.rule}` : `refused; code=${refusal.code}`,
    ...(blocked ? {} : { connection: "close" }),
  };
  if (phrase === undefined) answer.writeHead(refusal.status, headers);
  else answer.writeHead(refusal.status, phrase, headers);
  answer.end(body);
}
