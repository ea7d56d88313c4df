/**
 * The gate's front door: CONNECT to granted host and port pairs, first bytes checked; plain http only where it is granted;
 * everything else refused and reported.
 */
import type { GateDestination } from "../../protocol/gate-events.ts";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { escapeForTerminal } from "../../core/text.ts";
import { readAsker } from "./asker.ts";
import type { BoundHosts } from "./bound-host.ts";
import { parseConnect } from "./connect-request.ts";
import type { ConnectRequest } from "./connect-request.ts";
import type { Emit } from "./events.ts";
import { readFirstBytes } from "./first-bytes.ts";
import type { OpenedHosts } from "./opened-tls.ts";
import { endHandshake, refuseOtherProtocols } from "./other-protocol.ts";
import { parsePlainRequest } from "./plain-request.ts";
import type { PlainRequest } from "./plain-request.ts";
import type { Policy } from "./policy.ts";
import { Refusal, renderRefusal } from "./refusal.ts";
import type { RefusedTarget } from "./refusal.ts";
import { readHead } from "./request-head.ts";
import type { RequestHead } from "./request-head.ts";
import { runTunnel } from "./tunnel.ts";
import type { Upstream, WayOut } from "./way-out.ts";

/** Enough for any package manager; with 64 KiB of first bytes each, all of them together stay below 40 MiB */
const maxConnections = 512;
/** Those beyond get an answer, and those beyond these get none */
const maxAnswered = 1_024;
const headTimeoutMs = 10_000;
/** How long an agent may take to close its side once it has the whole answer */
export const lingerMs = 2_000;

export interface ProxyOptions {
  readonly policy: Policy;
  readonly wayOut: WayOut;
  /** For pairs in which nothing is looked for: there the server may be the first to speak, which a filter would wait for */
  readonly directWayOut?: WayOut | undefined;
  /** Answers a plain http request that is granted; undefined refuses them all */
  readonly plain: PlainForwarder | undefined;
  readonly emit: Emit;
  /** Hosts whose TLS is opened to put secrets in; undefined if there are none */
  readonly bound?: BoundHosts | undefined;
  /** Opens the TLS of hosts whose grant says so, to look at what leaves; undefined if there are none */
  readonly inspected?: OpenedHosts | undefined;
  /** Is shown every request head with where it wants to go */
  readonly onHead?: ((head: string, host: string) => void) | undefined;
}

/** Takes a granted request with what came after its head. Rejects with a `Refusal` before anything is answered. */
export type PlainForwarder = (
  agent: Socket,
  request: PlainRequest & { readonly isPrivate: boolean },
  early: Buffer,
) => Promise<{ readonly sentBytes: number; readonly receivedBytes: number }>;

/** Makes the listener; the caller opens it. */
export function makeProxy(options: ProxyOptions): Server {
  let open = 0;
  let isFullTold = false;
  const server = createServer(
    { allowHalfOpen: true, noDelay: true, keepAlive: true, pauseOnConnect: true },
    (agent) => {
      agent.on("error", () => undefined);
      // Somebody who is not heard; what they do must not stand among what the agent did
      if (agent.destroyed) return;
      open += 1;
      agent.once("close", () => {
        open -= 1;
        if (open < maxConnections / 2) isFullTold = false;
      });
      if (open > maxConnections) {
        // Told once: a flood must not wash what came before out of the log, which is kept small
        const tell = isFullTold ? () => undefined : options.emit;
        isFullTold = true;
        const refusal = new Refusal("too-many", `${maxConnections} connections are open`, 503);
        return refuse(agent, refusal, undefined, tell);
      }
      serve(agent, options).catch((error: unknown) => {
        agent.destroy();
        throw error;
      });
    },
  );
  server.maxConnections = maxAnswered;
  return server;
}

/** One connection from its first byte to its last. Throws only for bugs. */
async function serve(agent: Socket, given: ProxyOptions): Promise<void> {
  let options = given;
  let target: RefusedTarget | undefined;
  let unwatch: (() => void) | undefined;
  try {
    const head = await readHead(agent, headTimeoutMs);
    options = { ...options, emit: nameAsker(options.emit, readAsker(head.text)) };
    const plain = parsePlainRequest(head.text);
    const { host, port } = plain ?? parseConnect(head.text);
    target = { host, port };
    options.onHead?.(head.text, host);
    const destination = findFor(options.policy, { host, port }, plain !== undefined);
    // A deny destroys the agent's side, and with it goes the other
    unwatch = options.policy.watch({ host, port }, () => agent.destroy());
    if (plain) await servePlain(agent, plain, destination, head, options);
    else await serveTunnel(agent, { host, port }, destination, head, options);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refuse(agent, error, target ?? error.target, options.emit);
  } finally {
    unwatch?.();
  }
}

/** Puts it into what is told of the attempt. */
function nameAsker(emit: Emit, by: string | undefined): Emit {
  if (by === undefined) return emit;
  return (event) => emit(event.event === "attempt" ? { ...event, by } : event);
}

/** The grant for a pair in the form that was asked for: a tunnel to a plain http host would pass what nobody looks through. */
function findFor(policy: Policy, pair: ConnectRequest, isPlain: boolean): GateDestination {
  let destination: GateDestination;
  try {
    destination = policy.find(pair);
  } catch (error) {
    throw isPlain && error instanceof Refusal ? refusePlain() : error;
  }
  if (isPlain === (destination.protocol === "http")) return destination;
  if (isPlain) throw refusePlain();
  throw new Refusal("plain-http", "the host is allowed for plain http, which uses no tunnel");
}

function refusePlain(): Refusal {
  return new Refusal("plain-http", "plain http is blocked");
}

async function servePlain(
  agent: Socket,
  request: PlainRequest,
  { isPrivate }: GateDestination,
  head: RequestHead,
  options: ProxyOptions,
): Promise<void> {
  if (!options.plain) throw new Refusal("plain-http", "plain http is blocked without pipelock");
  if (request.problem) throw request.problem;
  const { host, port } = request;
  const start = performance.now();
  const counts = await options.plain(agent, { ...request, isPrivate }, head.rest);
  options.emit({ event: "attempt", host, port, verdict: "allowed" });
  report({ host, port }, counts, start, options.emit);
}

async function serveTunnel(
  agent: Socket,
  request: ConnectRequest,
  destination: GateDestination,
  head: RequestHead,
  options: ProxyOptions,
): Promise<void> {
  const wanted = { ...request, isPrivate: destination.isPrivate };
  const opening = destination.protocol === "tls" ? chooseOpening(request, destination, options) : undefined;
  const upstream = opening
    ? { socket: await opening.connect(wanted), early: Buffer.alloc(0) }
    : await chooseWay(destination, options)(wanted);
  if (agent.destroyed) return void upstream.socket.destroy();
  const { protocol } = destination;
  if (protocol === "http") throw new Error("a tunnel to a plain http host");
  const isOpened = opening !== undefined || destination.isInspected;
  const first = await openTunnel(agent, upstream, async () =>
    protocol === "tcp"
      ? head.rest
      : readFirstBytes(agent, head.rest, { protocol, host: request.host, isOpened }),
  );
  const refusal = opening && refuseOtherProtocols(first);
  if (refusal) {
    upstream.socket.destroy();
    endHandshake(agent, lingerMs);
    return tellRefused(request, refusal, options.emit);
  }
  options.emit({ event: "attempt", ...request, verdict: "allowed" });
  const start = performance.now();
  const counts = opening
    ? await opening.run(agent, upstream.socket, first, wanted)
    : await runTunnel(agent, upstream, first);
  report(request, counts, start, options.emit);
}

function chooseWay({ protocol }: GateDestination, { wayOut, directWayOut }: ProxyOptions): WayOut {
  return protocol === "tcp" ? (directWayOut ?? wayOut) : wayOut;
}

/** Who ends the TLS of this pair here, if anybody does. */
function chooseOpening(
  request: ConnectRequest,
  { inspect }: GateDestination,
  { bound, inspected }: ProxyOptions,
): OpenedHosts | undefined {
  return bound?.covers(request) ? bound : inspect && inspected;
}

function report(
  { host, port }: ConnectRequest,
  counts: { readonly sentBytes: number; readonly receivedBytes: number },
  start: number,
  emit: Emit,
): void {
  const { sentBytes, receivedBytes } = counts;
  const durationMs = Math.round(performance.now() - start);
  emit({ event: "closed", host, port, sentBytes, receivedBytes, durationMs });
}

/** Says yes to the agent and waits for `check`; a tunnel that fails it never carries a byte. */
async function openTunnel(agent: Socket, upstream: Upstream, check: () => Promise<Buffer>): Promise<Buffer> {
  agent.write("HTTP/1.1 200 Connection Established\r\n\r\n");
  try {
    return await check();
  } catch (error) {
    upstream.socket.destroy();
    // After the 200 there is no HTTP left to say why; the event does
    agent.destroy();
    throw error;
  }
}

function tellRefused({ host, port }: RefusedTarget, { code, message: reason }: Refusal, emit: Emit): void {
  const shown = escapeForTerminal(host).slice(0, 260);
  emit({ event: "attempt", host: shown, port, verdict: "refused", code, reason });
}

function refuse(agent: Socket, refusal: Refusal, target: RefusedTarget | undefined, emit: Emit): void {
  tellRefused(target ?? { host: "", port: 0 }, refusal, emit);
  if (agent.destroyed) return;
  agent.end(renderRefusal(refusal, target));
  // What the agent still sends is read and dropped: closing on unread bytes would reset the connection under the answer
  agent.resume();
  setTimeout(() => agent.destroy(), lingerMs).unref();
}
