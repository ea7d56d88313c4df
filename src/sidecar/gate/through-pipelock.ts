/** The way out through pipelock: one CONNECT to its port on the shared loopback. */
import type { Socket } from "node:net";
import type { FilterWatch } from "./filter-watch.ts";
import { refuseForbidden } from "./forbidden-addresses.ts";
import { Refusal } from "./refusal.ts";
import { readHead } from "./request-head.ts";
import { dial } from "./way-out.ts";
import type { Target, WayOut } from "./way-out.ts";

/** It is in the same network namespace */
const dialTimeoutMs = 5_000;
/** pipelock looks the name up for up to 5 s, twice, and dials for up to 10 s */
const answerTimeoutMs = 25_000;
const reasonTimeoutMs = 2_000;
const maxReasonBytes = 2_048;

/** Makes the way out; the target's name is resolved and judged by pipelock alone, and only while `filter` is healthy. */
export function throughPipelock(
  port: number,
  filter: Pick<FilterWatch, "isHealthy" | "reportLoss">,
  judge: (target: Target) => Promise<void> = refuseForbidden,
): WayOut {
  return async (target) => {
    if (!filter.isHealthy()) throw notRunning();
    await judge(target);
    const socket = await dial("127.0.0.1", port, dialTimeoutMs).catch(() => {
      // Whoever answers there next has to prove first what it runs
      filter.reportLoss("nobody answers at its port");
      throw notRunning();
    });
    const authority = `${target.host}:${target.port}`;
    // Without the wish to close, pipelock keeps the connection of a refusal open, and the reason would be waited for
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`);
    try {
      const head = await readHead(socket, answerTimeoutMs).catch(() => {
        throw new Refusal("filter", "the sidecar's filter did not answer", 502);
      });
      const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(head.text.split("\r\n")[0] ?? "")?.[1] ?? 0);
      if (status === 200) return { socket, early: head.rest };
      throw refuseAsPipelock(status, await readReason(socket, head.rest));
    } catch (error) {
      socket.destroy();
      throw error;
    }
  };
}

function notRunning(): Refusal {
  return new Refusal("filter", "the sidecar's filter is not running or not verified", 503);
}

/** pipelock's answers to CONNECT: 403 policy, 429 rate, 502 dial, 503 full or kill switch */
function refuseAsPipelock(status: number, reason: string): Refusal {
  const text = reason.replace(/^CONNECT blocked: /, "") || `it answered ${status}`;
  if (status === 502) return new Refusal("unreachable", "it cannot be reached", 502);
  if (/SSRF/.test(text)) {
    // The words have changed since 2.3.0
    if (/DNS resolution error|no such host|timed out|DNS [a-z ]*failed/.test(text))
      return new Refusal("unreachable", "the name does not resolve", 502);
    return new Refusal("private-address", text);
  }
  return new Refusal(
    "filter",
    `pipelock blocks it (${text})`,
    status === 429 || status === 503 ? status : 403,
  );
}

/** The body as printable text. It ends with the connection; a filter that forgets to close it is cut off. */
async function readReason(socket: Socket, early: Buffer): Promise<string> {
  const timer = setTimeout(() => socket.destroy(), reasonTimeoutMs);
  let text = early.toString("latin1");
  try {
    for await (const chunk of socket) {
      text += (chunk as Buffer).toString("latin1");
      if (text.length > maxReasonBytes) break;
    }
  } catch {
    // What came is enough
  }
  clearTimeout(timer);
  return text
    .replaceAll(/[^\x20-\x7e]+/g, " ")
    .trim()
    .slice(0, 300);
}
