/**
 * Opens the TLS of hosts that have rules or are inspected, decides on each request, and looks at what leaves: method, address, headers and
 * body of each request, and messages of WebSockets. What comes in passes as it is. HTTP/1.1 on both sides, each request is read as a whole
 * in form, and rewritten.
 */
import type { Agent, ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import type { SecureContext } from "node:tls";
import { openTls } from "./api-upstream.ts";
import type { Bounds } from "./bounds.ts";
import type { Looker } from "./inspect/looker.ts";
import { Coverage } from "./inspect/own-secrets.ts";
import { lookAtRequest, passLooked } from "./looked-request.ts";
import type { HostLook } from "./looked-request.ts";
import { ask } from "./inspected-tunnel.ts";
import type { InspectedTunnel } from "./inspected-tunnel.ts";
import { BlockedRequest } from "./inspect-findings.ts";
import type { FindingReports } from "./inspect-findings.ts";
import { passAnswer, refuseInspected } from "./inspected-answer.ts";
import { readInspectedRequest } from "./inspected-request.ts";
import type { InspectedRequest } from "./inspected-request.ts";
import { forwardUpgrade } from "./inspected-upgrade.ts";
import { acceptTls, makeHostAgent, makeOpenedServer, runOpened } from "./opened-tls.ts";
import type { SharedHosts } from "./opened-tls.ts";
import type { LookContext } from "./request-look.ts";
import type { Ruling } from "./ruling.ts";
import type { Traps } from "./traps.ts";
import type { WayOut } from "./way-out.ts";

export interface InspectedHostsOptions {
  /** Undefined if nothing is looked for at any host */
  readonly looker: Looker | undefined;
  /** Decides on each request before anything else does */
  readonly ruling: Ruling;
  readonly reports: FindingReports;
  /** Of a host that is below an inspected name */
  readonly certificateFor: (host: string) => Promise<SecureContext>;
  /** PEM of the authorities that vouch for the hosts; undefined for those that Node brings */
  readonly trusted: string | undefined;
  readonly wayOut: WayOut;
  readonly isInspected: (host: string) => boolean;
  /** Rules that the manifest allows at a host */
  readonly allowedAt: (host: string) => readonly string[];
  /** Made-up credentials, which the looker knows too */
  readonly traps?: Traps | undefined;
  /** Counts requests */
  readonly bounds?: Pick<Bounds, "find"> | undefined;
}

export interface InspectedHosts extends SharedHosts {
  /** For whoever opens the TLS of a host instead; undefined for one that is not inspected */
  lookAt(host: string, from: number | undefined): HostLook | undefined;
}

/** Takes the tunnels to inspected hosts. */
export function makeInspectedHosts(options: InspectedHostsOptions): InspectedHosts {
  const { trusted, wayOut } = options;
  const tunnels = new WeakMap<object, InspectedTunnel>();
  const server = makeOpenedServer((incoming, answer) => {
    const tunnel = tunnels.get(incoming.socket);
    if (tunnel) void forward(tunnel, incoming, answer);
  });
  server.on("upgrade", (incoming, socket, head) => {
    const tunnel = tunnels.get(incoming.socket);
    if (tunnel) void forwardUpgrade(tunnel, incoming, socket, head);
  });
  const makeLook = makeLooks(options);
  const makeTunnel = (host: string, agent: Agent, from: number | undefined): InspectedTunnel => ({
    host,
    agent,
    look: options.isInspected(host) ? makeLook(host, from) : options.traps?.lookAt(host, from),
    meter: options.bounds?.find(host),
    ruling: options.ruling,
  });
  return {
    lookAt: (host, from) => (options.isInspected(host) ? makeLook(host, from) : undefined),
    async connect(target) {
      // Before the agent has its 200: a name that there is no certificate for is refused with words
      await options.certificateFor(target.host);
      return openTls(target, wayOut, trusted);
    },
    async run(agent, upstream, first, target) {
      const { host } = target;
      const from = agent.remotePort;
      const secure = acceptTls(agent, first, await options.certificateFor(host));
      const toHost = makeHostAgent(upstream, () => openTls(target, wayOut, trusted));
      tunnels.set(secure, makeTunnel(host, toHost, from));
      return runOpened({ server, secure, agent, upstream, toHost });
    },
    adopt(toHost, host, from) {
      const tunnel = makeTunnel(host, toHost, from);
      return (incoming, answer) => void forward(tunnel, incoming, answer);
    },
  };
}

/** How each host is looked at; what one request to it has held counts for the next. */
function makeLooks({
  looker,
  reports,
  allowedAt,
  traps,
}: InspectedHostsOptions): (host: string, from: number | undefined) => HostLook | undefined {
  const coverages = new Map<string, Coverage>();
  const beginCoverage = (host: string) => {
    const before = coverages.get(host) ?? new Coverage();
    coverages.set(host, before);
    return new Coverage(before);
  };
  return (host, from) =>
    looker && {
      host,
      looker,
      beginCoverage: () => beginCoverage(host),
      judge(all) {
        if (all.length === 0) return;
        const found = traps ? traps.judge(all, { host, from }) : all;
        const blocking = found.length > 0 ? reports.judge(found, host, allowedAt(host)) : undefined;
        if (blocking) throw new BlockedRequest(blocking, host);
      },
    };
}

/** Never rejects. */
async function forward(
  tunnel: InspectedTunnel,
  incoming: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  incoming.on("error", () => undefined);
  try {
    const read = readInspectedRequest(incoming, tunnel.host);
    const { path, body: whole } = await tunnel.ruling.judge(incoming, tunnel.host);
    tunnel.meter?.request(typeof read.framing === "number" ? read.framing : 0);
    const asked = { ...read, path };
    const looked = tunnel.look && (await lookAtRequest(tunnel.look, asked, incoming, whole));
    send({ tunnel, asked, incoming, answer, context: looked?.context, body: looked?.body ?? whole });
  } catch (error) {
    refuseInspected(incoming, answer, error, tunnel.host);
  }
}

/** A body of which nobody reads anything here; one that is cut off ends the request. */
function passUnseen(incoming: IncomingMessage, outgoing: ClientRequest): void {
  incoming.pipe(outgoing);
  incoming.once("close", () => {
    if (!incoming.complete) outgoing.destroy();
  });
  outgoing.once("close", () => {
    incoming.unpipe(outgoing);
    incoming.resume();
  });
}

interface Exchange {
  readonly tunnel: InspectedTunnel;
  readonly asked: InspectedRequest;
  readonly incoming: IncomingMessage;
  readonly answer: ServerResponse;
  /** There if the host is looked at */
  readonly context: LookContext | undefined;
  /** There if it was read whole */
  readonly body: Buffer | undefined;
}

/** A connection that the host closed while it was idle is found out by using it. */
function send(exchange: Exchange): void {
  const { tunnel, asked, incoming, answer, body } = exchange;
  const hasBody = asked.framing !== "none" && asked.framing !== 0;
  const outgoing = ask(tunnel, asked);
  outgoing.on("response", (upstream) => {
    upstream.on("end", () => {
      // An answer before the whole question: the rest of that must not be taken for a request
      if (!outgoing.writableFinished) outgoing.destroy();
    });
    tunnel.ruling.noteAnswer(tunnel.host, upstream);
    passAnswer(upstream, answer);
  });
  outgoing.on("error", (error) => {
    // A host that has closed an idle connection has seen nothing of this; with a body nobody could be sure
    const mayRepeat = outgoing.reusedSocket && !hasBody && !answer.headersSent && !answer.destroyed;
    if (mayRepeat) return send(exchange);
    refuseInspected(incoming, answer, error, tunnel.host);
  });
  answer.on("close", () => {
    if (!answer.writableFinished) outgoing.destroy();
  });
  if (body || !hasBody) outgoing.end(body);
  else if (tunnel.look && exchange.context)
    passLooked(tunnel.look, exchange.context, asked, { incoming, outgoing });
  else passUnseen(incoming, outgoing);
}
