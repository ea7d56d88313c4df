/**
 * Forwards Claude's API calls with the user's credential, which the agent never sees. One fixed upstream over verified TLS, the
 * listed calls only; whatever credential a request carries is taken away, so nobody else's account can be used from a bottle.
 */
import { createServer, request as httpRequest, Agent } from "node:http";
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from "node:http";
import { connect as connectTls } from "node:tls";
import { isAllowedApiCall } from "./api-paths.ts";
import type { Emit } from "./events.ts";
import type { GateApi } from "./protocol.ts";
import { Refusal } from "./refusal.ts";
import type { WayOut } from "./way-out.ts";

/** What Claude Code adds itself when it holds an OAuth token; the API refuses the token without it */
const oauthBeta = "oauth-2025-04-20";

/** Removed from requests: credentials, and what concerns one connection only (RFC 9110 §7.6.1) */
const removedFromRequest = new Set([
  "authorization", "x-api-key", "proxy-authorization", "cookie", "host", "connection", "keep-alive", "proxy-connection", "te",
  "trailer", "transfer-encoding", "upgrade", "expect", "forwarded", "x-forwarded-for", "x-forwarded-host", "via",
]);
const removedFromAnswer = new Set(["connection", "keep-alive", "proxy-authenticate", "transfer-encoding", "upgrade", "set-cookie", "trailer"]);

/** Makes the listener; the caller opens it. */
export function makeApiForwarder(api: GateApi, wayOut: WayOut, emit: Emit): Server {
  const agent = makeUpstreamAgent(api, wayOut);
  const server = createServer({ maxHeaderSize: 32 * 1024, requestTimeout: 0 }, (incoming, answer) => {
    forward(api, agent, incoming, answer, emit);
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  return server;
}

function forward(api: GateApi, agent: Agent, incoming: IncomingMessage, answer: ServerResponse, emit: Emit): void {
  const method = incoming.method ?? "";
  const target = incoming.url ?? "";
  const path = target.split("?")[0] ?? "";
  const report = (status: number) => emit({ event: "api", method, path: path.slice(0, 200), status });
  if (!isAllowedApiCall(method, target)) {
    report(403);
    return refuse(answer, 403, "permission_error", `${method} ${path} is not among the calls a bottle may make`);
  }
  const outgoing = httpRequest({ agent, method, path: target, headers: makeRequestHeaders(api, incoming.headers) });
  outgoing.on("response", (upstream) => {
    report(upstream.statusCode ?? 502);
    answer.writeHead(upstream.statusCode ?? 502, copyHeaders(upstream.headers, removedFromAnswer));
    // An SSE answer whose head waits for its first event looks like a hang
    answer.flushHeaders();
    upstream.pipe(answer);
    upstream.on("error", () => answer.destroy());
  });
  outgoing.on("error", (error) => failUpstream(answer, error, report));
  abortTogether(incoming, outgoing, answer);
  incoming.pipe(outgoing);
}

function abortTogether(incoming: IncomingMessage, outgoing: ClientRequest, answer: ServerResponse): void {
  incoming.on("error", () => outgoing.destroy());
  answer.on("close", () => {
    if (!answer.writableFinished) outgoing.destroy();
  });
}

function failUpstream(answer: ServerResponse, error: Error, report: (status: number) => void): void {
  if (answer.headersSent) return void answer.destroy();
  report(502);
  const reason = error instanceof Refusal ? error.message : "the connection failed";
  refuse(answer, 502, "api_error", `the API cannot be reached: ${reason}`);
}

function makeRequestHeaders(api: GateApi, received: IncomingHttpHeaders): OutgoingHttpHeaders {
  const headers = copyHeaders(received, removedFromRequest);
  const { header, value } = api.credential;
  if (header === "authorization") headers["anthropic-beta"] = withOauthBeta(received["anthropic-beta"]);
  return { ...headers, host: api.host, [header]: value };
}

function withOauthBeta(betas: string | string[] | undefined): string {
  const list = (Array.isArray(betas) ? betas.join(",") : (betas ?? "")).split(",").map((beta) => beta.trim());
  return [...new Set([...list.filter(Boolean), oauthBeta])].join(",");
}

function copyHeaders(received: IncomingHttpHeaders, removed: ReadonlySet<string>): OutgoingHttpHeaders {
  // Headers named by Connection belong to this hop too
  const hop = new Set(String(received.connection ?? "").toLowerCase().split(/\s*,\s*/));
  return Object.fromEntries(Object.entries(received).filter(([name]) => !removed.has(name) && !hop.has(name)));
}

/** Connections to the upstream, kept open between turns: a TLS handshake through the filter costs more than a short answer. */
function makeUpstreamAgent(api: GateApi, wayOut: WayOut): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  agent.createConnection = ((_options: unknown, done: (error: Error | null, socket?: unknown) => void) => {
    wayOut({ host: api.host, port: 443, isPrivate: api.isPrivate }).then(
      ({ socket }) => {
        const secure = connectTls({ socket, servername: api.host, ALPNProtocols: ["http/1.1"] });
        secure.once("secureConnect", () => done(null, secure));
        secure.once("error", (error) => done(error));
        socket.resume();
      },
      (error: Error) => done(error),
    );
  }) as unknown as typeof agent.createConnection;
  return agent;
}

/** In the API's own form, so that Claude Code shows the sentence to the user. */
function refuse(answer: ServerResponse, status: number, type: string, message: string): void {
  answer.writeHead(status, { "content-type": "application/json", connection: "close" });
  answer.end(JSON.stringify({ type: "error", error: { type, message: `claude-bottle: ${message}` } }));
}
