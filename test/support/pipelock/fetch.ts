/** `/fetch?url=…`: fetches by itself and answers in JSON. It cannot be switched off, and obeys the allowlist only in strict mode. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { sendJson } from "./answers.ts";
import { redactUrl } from "./log.ts";
import type { Policy } from "./policy.ts";
import { beginRequest } from "./program.ts";
import type { Program } from "./program.ts";
import { isCompressed, readAnswer } from "./read-answer.ts";
import { hostOf, scanUrl } from "./scan-url.ts";
import { sendUpstream } from "./upstream.ts";
import { statusOf } from "./verdict.ts";

export async function handleFetch(
  program: Program,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { policy, log } = program;
  const wanted = readWanted(request);
  if (typeof wanted !== "string") return sendJson(response, wanted.status, wanted.answer);
  const startedAt = Date.now();
  const context = { ...beginRequest(program, request), method: "GET", url: wanted };
  const verdict = await scanUrl(policy, wanted, () => request.socket.destroyed);
  const answer = { url: wanted, agent: "anonymous" };
  if (!verdict.isAllowed && policy.config.enforce) {
    log.blocked(context, verdict.scanner, verdict.reason);
    program.counts.blocked += 1;
    return sendJson(response, statusOf(verdict.scanner), {
      ...answer,
      url: verdict.scanner === "dlp" ? redactUrl(wanted) : wanted,
      blocked: true,
      block_reason: verdict.reason,
      ...(policy.config.explainBlocks ? { hint: verdict.hint } : {}),
    });
  }
  try {
    const upstream = await get(policy, new URL(wanted));
    if (isCompressed(upstream)) {
      upstream.destroy();
      const block_reason = "compressed response cannot be scanned";
      return sendJson(response, 403, { ...answer, blocked: true, block_reason });
    }
    const { body } = await readAnswer(upstream, policy.config.maxResponseBytes);
    program.counts.allowed += 1;
    const { statusCode: status_code } = upstream;
    const fields = { status_code, size_bytes: body.length, duration_ms: Date.now() - startedAt };
    log.allowed("allowed", context, fields, "request allowed");
    const content_type = upstream.headers["content-type"] ?? "";
    sendJson(response, 200, {
      ...answer,
      status_code,
      content_type,
      content: body.toString(),
      blocked: false,
    });
  } catch (error) {
    log.error(context, error);
    sendJson(response, 502, { ...answer, error: "fetch failed", blocked: false });
  }
}

interface Refusal {
  readonly status: number;
  readonly answer: unknown;
}

function refuse(status: number, error: string, url?: string): Refusal {
  return { status, answer: { ...(url === undefined ? {} : { url }), error, blocked: false } };
}

/** The URL that is asked for, or the answer if there is none. */
function readWanted(request: IncomingMessage): string | Refusal {
  if (request.method !== "GET") return refuse(405, "only GET allowed");
  const given = new URL(request.url ?? "/", "http://proxy").searchParams.get("url");
  const wanted = given?.replaceAll(/[\x00-\x1f\x7f]/g, "");
  if (!wanted) return refuse(400, "missing 'url' query parameter");
  if (/^https?:\/\//i.test(wanted) && URL.canParse(wanted)) return wanted;
  return refuse(400, "invalid URL: must be http or https", wanted);
}

function get(policy: Policy, url: URL): Promise<IncomingMessage> {
  const isTls = url.protocol === "https:";
  return sendUpstream(policy, {
    method: "GET",
    isTls,
    host: hostOf(url),
    port: url.port === "" ? (isTls ? 443 : 80) : Number(url.port),
    path: `${url.pathname}${url.search}`,
    headers: { "user-agent": "Pipelock Fetch/1.0" },
    body: Buffer.alloc(0),
    signal: AbortSignal.timeout(policy.config.timeoutSeconds * 1000),
  });
}
