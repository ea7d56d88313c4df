/** CONNECT: judged by host alone, any port, any protocol; then a tunnel, opaque or opened. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { refuseConnect, refuseConnectAsJson } from "./answers.ts";
import { isPassedThrough } from "./domains.ts";
import { awaitFirstBytes } from "./first-bytes.ts";
import { interceptTunnel } from "./intercept.ts";
import { judgeHeaders } from "./judge-request.ts";
import type { LogContext } from "./log.ts";
import { dialSafely } from "./names.ts";
import { beginRequest, isKilled, killSwitchAnswer } from "./program.ts";
import type { Program } from "./program.ts";
import { relay } from "./relay.ts";
import { scanUrl } from "./scan-url.ts";
import { statusOf } from "./verdict.ts";
import { watchClient } from "./watch-client.ts";

const maxTunnels = 1024;

interface Target {
  readonly host: string;
  readonly port: number;
  /** `host:port` */
  readonly authority: string;
}

export async function handleConnect(
  program: Program,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<void> {
  socket.on("error", () => undefined);
  if (isKilled(program)) return refuseConnectAsJson(socket, 503, killSwitchAnswer(program));
  if (!program.policy.config.forward.enabled) return refuseConnect(socket, 405, "CONNECT not supported");
  const target = readTarget(request.url ?? "");
  if (!target) return refuseConnect(socket, 400, "400 Bad Request");
  if (program.tunnels >= maxTunnels) return refuseConnect(socket, 503, "too many active tunnels");
  program.tunnels += 1;
  try {
    await openTunnel(program, request, socket, head, target);
  } finally {
    program.tunnels -= 1;
  }
}

async function openTunnel(
  program: Program,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  target: Target,
): Promise<void> {
  const { policy, log } = program;
  const { config } = policy;
  const startedAt = Date.now();
  const context: LogContext = { ...beginRequest(program, request), target: target.authority };
  const client = watchClient(socket, head);
  const urlHost = target.host.includes(":") ? `[${target.host}]` : target.host;
  const verdict = await scanUrl(policy, `https://${urlHost}/`, client.isGone);
  if (judgeHeaders(program, policy, context, request.headers)) {
    program.counts.blocked += 1;
    return refuseConnect(socket, 403, "CONNECT blocked: header DLP match");
  }
  if (!verdict.isAllowed) {
    if (config.enforce) {
      log.blocked(context, verdict.scanner, verdict.reason);
      program.counts.blocked += 1;
      const hint = config.explainBlocks ? verdict.hint : undefined;
      return refuseConnect(socket, statusOf(verdict.scanner), `CONNECT blocked: ${verdict.reason}`, hint);
    }
    log.anomaly(context, verdict.scanner, verdict.reason);
  }
  let upstream: Socket;
  try {
    upstream = await dialSafely(target.host, target.port, {
      addresses: policy.addresses,
      trustedDomains: config.trustedDomains,
    });
  } catch (error) {
    log.error(context, error);
    return refuseConnect(socket, 502, "tunnel dial failed");
  }
  if (client.isGone()) {
    upstream.destroy();
    log.error(context, "operation was canceled");
    return refuseConnect(socket, 502, "tunnel dial failed");
  }
  const early = client.stop();
  socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
  await carry({ program, context, target, socket, upstream, early, startedAt });
}

async function carry(tunnel: {
  readonly program: Program;
  readonly context: LogContext;
  readonly target: Target;
  readonly socket: Socket;
  readonly upstream: Socket;
  readonly early: Buffer;
  readonly startedAt: number;
}): Promise<void> {
  const { program, context, target, socket, upstream, startedAt } = tunnel;
  const { policy, log } = program;
  const { forward, interception } = policy.config;
  const deadline = startedAt + forward.maxTunnelSeconds * 1000;
  const first = forward.verifiesServerName
    ? await awaitFirstBytes(socket, tunnel.early, target.host)
    : { bytes: tunnel.early, isEnded: false };
  if (first.refusal) {
    log.wrongServerName(context, target.host, first.refusal.name, first.refusal.category);
    upstream.destroy();
    socket.destroySoon();
    return;
  }
  if (interception.enabled && !isPassedThrough(target.host, interception.passthrough)) {
    // A connection of its own follows for every request inside
    upstream.destroy();
    log.anomaly(context, "tls_intercept", "TLS MITM interception active");
    await interceptTunnel(program, { ...target, context, socket, first, deadline });
    return;
  }
  log.allowed("tunnel_open", context, {}, "tunnel opened");
  const total = await relay(socket, upstream, first, {
    idleMs: forward.idleSeconds * 1000,
    deadline,
    isKilled: () => isKilled(program),
  });
  program.counts.allowed += 1;
  const fields = { total_bytes: total, duration_ms: Date.now() - startedAt };
  log.allowed("tunnel_close", context, fields, "tunnel closed");
}

/** The request line counts, never the Host header. */
function readTarget(text: string): Target | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-f:.]+)\]|([!-~]+?))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = bracketed ?? plain ?? "";
  const port = digits === undefined ? 443 : Number(digits);
  if (host === "" || /[/@?#\\[\]:]/.test(plain ?? "") || port < 1 || port > 65_535) return undefined;
  return { host, port, authority: `${bracketed === undefined ? host : `[${host}]`}:${port}` };
}
