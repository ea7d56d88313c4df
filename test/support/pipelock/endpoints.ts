/** The program's own pages, which share the listener with the proxy. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { sendError, sendJson } from "./answers.ts";
import { handleFetch } from "./fetch.ts";
import { handleForwardHttp } from "./forward-http.ts";
import { countPatterns } from "./patterns.ts";
import { isKilled, killSwitchAnswer, version } from "./program.ts";
import type { Program } from "./program.ts";

/** Every request but CONNECT. */
export async function handleRequest(
  program: Program,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = request.url ?? "/";
  const isAbsolute = /^[a-z][a-z0-9+.-]*:\/\//i.test(url);
  const path = isAbsolute ? undefined : (url.split("?")[0] ?? "/");
  if (isKilled(program) && path !== "/health" && path !== "/metrics") {
    return sendJson(response, 503, killSwitchAnswer(program));
  }
  if (path === undefined) return handleForwardHttp(program, request, response);
  const { config } = program.policy;
  if (path === "/health") return sendJson(response, 200, describeHealth(program));
  if (path === "/fetch") return handleFetch(program, request, response);
  if (path === "/ws") return sendError(response, 404, "WebSocket proxy not enabled");
  if (config.metricsListen === "" && sendMetrics(program, path, response)) return;
  if (config.killSwitch.apiListen === "" && sendKillSwitch(program, path, request, response)) return;
  sendError(response, 404, "404 page not found");
}

/** Answers /metrics and /stats; false for other paths. */
export function sendMetrics({ counts, tunnels }: Program, path: string, response: ServerResponse): boolean {
  if (path === "/stats") {
    sendJson(response, 200, { requests: { ...counts, total: counts.allowed + counts.blocked } });
    return true;
  }
  if (path !== "/metrics") return false;
  response.writeHead(200, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" });
  response.end(
    [
      "# TYPE pipelock_requests_total counter",
      `pipelock_requests_total{result="allowed"} ${counts.allowed}`,
      `pipelock_requests_total{result="blocked"} ${counts.blocked}`,
      "# TYPE pipelock_active_tunnels gauge",
      `pipelock_active_tunnels ${tunnels}`,
      "",
    ].join("\n"),
  );
  return true;
}

/** Without a token nobody can use it; with one the stand-in only knows who may not. */
export function sendKillSwitch(
  { policy }: Program,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  if (path !== "/api/v1/killswitch" && path !== "/api/v1/killswitch/status") return false;
  const { token } = policy.config.killSwitch;
  const wanted = path.endsWith("/status") ? "GET" : "POST";
  if (request.method !== wanted) sendError(response, 405, "method not allowed");
  else if (token === "") sendError(response, 503, "kill switch API not configured (no api_token)");
  else if (request.headers.authorization !== `Bearer ${token}`) sendError(response, 401, "unauthorized");
  else sendError(response, 501, "the stand-in's kill switch is SIGUSR1");
  return true;
}

function describeHealth(program: Program): Readonly<Record<string, unknown>> {
  const { config } = program.policy;
  return {
    status: "healthy",
    version,
    mode: config.mode,
    uptime_seconds: (Date.now() - program.startedAt) / 1000,
    dlp_patterns: countPatterns(config),
    response_scan_enabled: config.responseScanning,
    git_protection_enabled: false,
    rate_limit_enabled: config.requestsPerMinute > 0,
    forward_proxy_enabled: config.forward.enabled,
    websocket_proxy_enabled: false,
    request_body_scan_enabled: config.body.enabled,
    tls_interception_enabled: config.interception.enabled,
    kill_switch_active: isKilled(program),
  };
}
