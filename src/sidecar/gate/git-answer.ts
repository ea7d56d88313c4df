/** What git reads of a refusal, and what the log says of it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { escapeForTerminal } from "../../core/text.ts";
import type { Emit } from "./events.ts";
import { Refusal, renderRefusalBody } from "./refusal.ts";
import { RefusedByRules } from "./git-prepare.ts";
import { Trapped } from "./trapped.ts";
import { GitProblem } from "./git/problem.ts";
import { renderReport } from "./git/report.ts";

const tlsPort = 443;
const longestReason = 300;

/** In git's own words where its protocol has some; as plain text, of which git shows each line, elsewhere. */
export function refuseGit(
  { host, emit }: { readonly host: string; readonly emit: Emit },
  incoming: IncomingMessage,
  answer: ServerResponse,
  error: unknown,
): void {
  // The bottle is frozen: whoever asked gets no answer
  if (error instanceof Trapped) return;
  // Read to its end, so that git sees the answer and not a reset
  incoming.resume();
  const refusal = toRefusal(error);
  if (refusal.code === "git-rule" || refusal.code === "malformed") {
    const reason = escapeForTerminal(refusal.message).slice(0, longestReason);
    emit({ event: "attempt", host, port: tlsPort, verdict: "refused", code: refusal.code, reason });
  }
  if (answer.headersSent || answer.destroyed) return void answer.destroy();
  const report =
    error instanceof RefusedByRules
      ? renderReport(error.head, error.refused.refs, error.refused.lines)
      : undefined;
  if (report) return answerWith(answer, 200, "application/x-git-receive-pack-result", report);
  const text = renderRefusalBody(refusal, { host, port: tlsPort });
  answer.setHeader("x-claude-bottle", `refused; code=${refusal.code}`);
  answerWith(answer, refusal.status, "text/plain", Buffer.from(text));
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof GitProblem) return new Refusal(error.code, error.message, error.status);
  if (error instanceof RefusedByRules) return new Refusal("git-rule", error.message);
  return new Refusal("unreachable", "the host closed the connection", 502);
}

function answerWith(answer: ServerResponse, status: number, type: string, body: Buffer): void {
  answer.writeHead(status, {
    "content-type": type,
    "content-length": body.length,
    "cache-control": "no-cache",
  });
  answer.end(body);
}
