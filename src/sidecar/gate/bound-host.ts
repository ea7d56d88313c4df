/**
 * Opens the TLS of hosts that a secret is bound to: the agent speaks to the gate, which shows a certificate of the bottle's own CA, and
 * the gate speaks to the host over TLS that it has verified. HTTP/1.1 on both sides, each message read whole in form and written
 * again; bodies stream. The real value exists on the far side only.
 */
import { request } from "node:http";
import type { Agent, ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import type { SecureContext } from "node:tls";
import { openTls } from "./api-upstream.ts";
import type { BoundValue } from "./bound-headers.ts";
import { passScrubbed } from "./bound-answer.ts";
import { readBoundRequest } from "./bound-request.ts";
import type { BoundRequest } from "./bound-request.ts";
import { makeSecretReturns } from "./bound-returns.ts";
import type { SecretReturns } from "./bound-returns.ts";
import { makeScrubber } from "./bound-scrub.ts";
import type { Scrubber } from "./bound-scrub.ts";
import type { SecretUses } from "./bound-uses.ts";
import { watchBody } from "./bound-watch.ts";
import type { WatchedPlaceholder } from "./bound-watch.ts";
import { BlockedRequest } from "./inspect-findings.ts";
import { refuseInspected } from "./inspected-answer.ts";
import { readInspectedRequest } from "./inspected-request.ts";
import { lookAtRequest, passLooked } from "./looked-request.ts";
import type { HostLook } from "./looked-request.ts";
import { acceptTls, makeHostAgent, makeOpenedServer, maxHeaderBytes, runOpened } from "./opened-tls.ts";
import type { OpenedHosts } from "./opened-tls.ts";
import type { GateSecret } from "../../protocol/gate.ts";
import { Refusal, renderRefusalBody } from "./refusal.ts";
import type { Target, WayOut } from "./way-out.ts";

const tlsPort = 443;

export interface BoundHosts extends OpenedHosts {
  /** True for a pair whose TLS the gate opens */
  covers(target: Pick<Target, "host" | "port">): boolean;
}

export interface BoundHostsOptions {
  readonly secrets: readonly GateSecret[];
  /** All placeholders of the bottle, also those that no host of these is for */
  readonly watched: readonly WatchedPlaceholder[];
  readonly certificate: SecureContext;
  /** PEM of the authorities that vouch for the hosts; undefined for those that Node brings */
  readonly trusted: string | undefined;
  readonly wayOut: WayOut;
  readonly uses: SecretUses;
  /** For hosts that are inspected too: their requests are looked at before a value is put in */
  readonly lookAt?: ((host: string) => HostLook | undefined) | undefined;
}

interface Tunnel {
  readonly host: string;
  readonly values: readonly BoundValue[];
  readonly agent: Agent;
  readonly look: HostLook | undefined;
}

/** Takes the tunnels to hosts that secrets are bound to: opens their TLS, puts the values in, and takes them out of what comes back. */
export function makeBoundHosts(options: BoundHostsOptions): BoundHosts {
  const { secrets, wayOut, trusted } = options;
  const scrubber = makeScrubber(secrets);
  const returns = makeSecretReturns(options.uses);
  const tunnels = new WeakMap<object, Tunnel>();
  const server = makeOpenedServer((incoming, answer) => {
    const tunnel = tunnels.get(incoming.socket);
    if (tunnel) void forward({ ...options, tunnel, scrubber, returns }, incoming, answer);
  });
  const connect = async (target: Target) => {
    returns.requireOpen(target.host);
    return openTls(target, wayOut, trusted);
  };
  return {
    covers: ({ host, port }) => port === tlsPort && secrets.some((one) => one.hosts.includes(host)),
    connect,
    run(agent, upstream, first, target) {
      const secure = acceptTls(agent, first, options.certificate);
      const values = secrets.filter((one) => one.hosts.includes(target.host));
      const toHost = makeHostAgent(upstream, () => connect(target));
      const look = options.lookAt?.(target.host);
      tunnels.set(secure, { host: target.host, values, agent: toHost, look });
      return runOpened({ server, secure, agent, upstream, toHost });
    },
  };
}

interface Forwarding extends Pick<BoundHostsOptions, "secrets" | "watched" | "uses"> {
  readonly tunnel: Tunnel;
  readonly scrubber: Scrubber;
  readonly returns: SecretReturns;
}

/** Never rejects. */
async function forward(
  forwarding: Forwarding,
  incoming: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const { tunnel, watched, uses } = forwarding;
  const { host, look } = tunnel;
  incoming.on("error", () => undefined);
  try {
    forwarding.returns.requireOpen(host);
    const asked = readBoundRequest(incoming, host, tunnel.values, watched);
    const seen = look && readInspectedRequest(incoming, host);
    const looked = look && seen && (await lookAtRequest(look, seen, incoming));
    for (const name of asked.used) uses.used(name, host);
    for (const { name, where } of asked.blocked) uses.blocked(name, host, where);
    const watch = watchBody(watched, (name) => uses.blocked(name, host, "body"));
    const pass = (outgoing: ClientRequest) => {
      if (looked?.body) watch(looked.body);
      else incoming.on("data", watch);
      if (!asked.hasBody || looked?.body) outgoing.end(looked?.body);
      else if (look && seen && looked) passLooked(look, looked.context, seen, { incoming, outgoing });
      else incoming.pipe(outgoing);
    };
    send({ ...forwarding, asked, pass }, incoming, answer, !asked.hasBody);
  } catch (error) {
    refuse(incoming, answer, error, host);
  }
}

interface Asked extends Forwarding {
  readonly asked: BoundRequest;
  /** Sends the body, if there is one */
  readonly pass: (outgoing: ClientRequest) => void;
}

/** A connection that the host closed while it was idle is found out by using it: without a body that is done once more. */
function send(exchange: Asked, incoming: IncomingMessage, answer: ServerResponse, mayRepeat: boolean): void {
  const { tunnel, secrets, scrubber, returns, asked, pass } = exchange;
  const onTakenOut = (secret: number) => returns.note(secrets[secret]?.name ?? "", tunnel.host);
  const outgoing = request({
    agent: tunnel.agent,
    method: asked.method,
    path: asked.path,
    headers: asked.headers.flat() as unknown as Record<string, string>,
    setHost: false,
    maxHeaderSize: maxHeaderBytes,
  });
  outgoing.on("response", (upstream) => {
    upstream.on("end", () => {
      // An answer before the whole question: the rest of that must not be taken for a request
      if (!outgoing.writableFinished) outgoing.destroy();
    });
    try {
      passScrubbed(upstream, answer, { ...asked, scrubber, onTakenOut });
    } catch (error) {
      outgoing.destroy();
      refuse(incoming, answer, error, tunnel.host);
    }
  });
  outgoing.on("error", (error) => {
    if (answer.headersSent || answer.destroyed) return void answer.destroy();
    if (mayRepeat && outgoing.reusedSocket) return send(exchange, incoming, answer, false);
    refuse(incoming, answer, error, tunnel.host);
  });
  answer.on("close", () => {
    if (!answer.writableFinished) outgoing.destroy();
    else if (!incoming.complete) incoming.socket.destroySoon();
  });
  pass(outgoing);
}

function refuse(incoming: IncomingMessage, answer: ServerResponse, error: unknown, host: string): void {
  if (error instanceof BlockedRequest) return refuseInspected(incoming, answer, error, host);
  if (answer.headersSent || answer.destroyed) return void answer.destroy();
  const refusal =
    error instanceof Refusal ? error : new Refusal("unreachable", "the host closed the connection", 502);
  // Read to its end, so that the client sees the answer and not a reset
  incoming.resume();
  answer.writeHead(refusal.status, {
    "content-type": "text/plain; charset=utf-8",
    "x-claude-bottle": `refused; code=${refusal.code}`,
    connection: "close",
  });
  answer.end(renderRefusalBody(refusal, { host, port: tlsPort }));
}
