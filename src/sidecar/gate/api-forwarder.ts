/**
 * Forwards Claude's API calls with the user's credential, which the agent never sees. One fixed upstream over verified TLS, the
 * listed calls only; whatever credential a request carries is taken away, so nobody else's account can be used from a bottle. What
 * would have the API's own servers reach elsewhere is not passed on either.
 */
import { createServer, request } from "node:http";
import type { Agent, ClientRequest, IncomingMessage, Server, ServerResponse } from "node:http";
import type { Transform } from "node:stream";
import { BodyRefusal, makeBodyGuard } from "./api-body.ts";
import { findHeaderProblem, makeAnswerHeaders, makeRequestHeaders } from "./api-headers.ts";
import { isAllowedApiCall } from "./api-paths.ts";
import { makeUpstreamAgent } from "./api-upstream.ts";
import type { SecretUses } from "./bound-uses.ts";
import type { Emit } from "./events.ts";
import { oneByOne } from "./one-by-one.ts";
import type { GateApi } from "../../protocol/gate.ts";
import { Refusal } from "./refusal.ts";
import type { Traps } from "./traps.ts";
import type { WayOut } from "./way-out.ts";

const maxHeaderBytes = 64 * 1024;
const maxConnections = 256;

/** Makes the listener; the caller opens it. */
export function makeApiForwarder(
  api: GateApi,
  wayOut: WayOut,
  emit: Emit,
  uses: Pick<SecretUses, "used">,
  traps?: Pick<Traps, "countIn">,
): Server {
  const agent = makeUpstreamAgent(api, wayOut);
  // A turn may take as long as it takes, up and down
  const options = {
    maxHeaderSize: maxHeaderBytes,
    requestTimeout: 0,
    headersTimeout: 10_000,
    keepAliveTimeout: 60_000,
  };
  const server = createServer(
    options,
    oneByOne((incoming, answer) => forward({ api, agent, emit, uses, traps }, incoming, answer)),
  );
  server.maxConnections = maxConnections;
  server.on("clientError", (_error, socket) => socket.destroy());
  return server;
}

interface Forwarding {
  readonly api: GateApi;
  readonly agent: Agent;
  readonly emit: Emit;
  readonly uses: Pick<SecretUses, "used">;
  /** Counts the made-up credentials in bodies */
  readonly traps?: Pick<Traps, "countIn"> | undefined;
}

function forward(
  { api, agent, emit, uses, traps }: Forwarding,
  incoming: IncomingMessage,
  answer: ServerResponse,
): void {
  const { method = "", url = "" } = incoming;
  const path = url.split("?")[0]?.slice(0, 200) ?? "";
  const report = (status: number) => emit({ event: "api", method, path, status });
  incoming.on("error", () => undefined);
  const turnAway = (reason: string) => {
    report(403);
    // Read to its end, so that the client sees the answer and not a reset
    incoming.resume();
    refuse(answer, 403, "permission_error", reason);
  };
  if (!isAllowedApiCall(method, url))
    return turnAway(`${method} ${path} is not among the API calls that a bottle may make`);
  const problem = findHeaderProblem(incoming.headers);
  if (problem !== undefined) return turnAway(problem);
  if (api.credential.name !== undefined) uses.used(api.credential.name, api.host);
  const headers = makeRequestHeaders(api, incoming.headers);
  const outgoing = request({ agent, method, path: url, headers, maxHeaderSize: maxHeaderBytes });
  outgoing.on("response", (upstream) => {
    report(upstream.statusCode ?? 502);
    passAnswer(upstream, answer);
  });
  const guard = makeBodyGuard();
  abortTogether(outgoing, guard, answer);
  guard.on("error", (error) => {
    outgoing.destroy();
    if (answer.headersSent || answer.destroyed) answer.destroy();
    else turnAway(error instanceof BodyRefusal ? error.message : "its body was lost");
  });
  outgoing.on("error", (error) => {
    // Ours, and answered
    if (guard.errored) return;
    if (answer.headersSent || answer.destroyed) return void answer.destroy();
    report(502);
    const reason = error instanceof Refusal ? error.message : "the connection was lost";
    incoming.resume();
    refuse(answer, 502, "api_error", `the API cannot be reached: ${reason}`);
  });
  const look = traps?.countIn(api.host);
  if (look) incoming.on("data", look.push).once("end", look.end);
  incoming.pipe(guard).pipe(outgoing);
}

function passAnswer(upstream: IncomingMessage, answer: ServerResponse): void {
  answer.writeHead(upstream.statusCode ?? 502, makeAnswerHeaders(upstream.headers));
  // An event stream whose head waits for its first event looks like a hang
  answer.flushHeaders();
  // An answer that is cut off must not look whole
  upstream.on("error", () => answer.destroy());
  upstream.pipe(answer);
}

/** An agent that hangs up stops the upstream's work too; tokens that nobody reads are paid for. */
function abortTogether(outgoing: ClientRequest, guard: Transform, answer: ServerResponse): void {
  answer.on("close", () => {
    if (answer.writableFinished) return;
    // As long as its connection is being opened it stays, and it must not keep with it all that the agent has sent: no listener of
    // before, nor a new one that is made here, since it would keep what those here know
    guard.unpipe(outgoing);
    outgoing.removeAllListeners().on("error", ignore);
    outgoing.destroy();
  });
}

function ignore(): void {
  // It was given up
}

/** In the API's own form, so that Claude Code shows the sentence to the user. */
function refuse(answer: ServerResponse, status: number, type: string, message: string): void {
  answer.writeHead(status, {
    "content-type": "application/json",
    "x-claude-bottle": "refused",
    connection: "close",
  });
  answer.end(JSON.stringify({ type: "error", error: { type, message: `claude-bottle: ${message}` } }));
}
