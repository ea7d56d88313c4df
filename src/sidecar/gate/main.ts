/**
 * The gate: the only program an agent can talk to. Reads its configuration from stdin, opens its listeners, and reports on stdout.
 * When anything is not as it must be, it ends, and then nothing gets out.
 */
import type { GatePorts } from "../../protocol/gate-events.ts";
import type { AddressInfo, Server } from "node:net";
import { createInterface } from "node:readline";
import { makeAskServer } from "./ask-server.ts";
import { makeAsks } from "./asks.ts";
import { makeApiForwarder } from "./api-forwarder.ts";
import { createAuthority } from "./authority.ts";
import { Bounds } from "./bounds.ts";
import { makeChangeLock } from "./change-lock.ts";
import { takeLine } from "./control.ts";
import type { ControlOptions } from "./control.ts";
import { beginCounts, emit, fail } from "./events.ts";
import { GateFailure } from "./failure.ts";
import { Freezer } from "./freezer.ts";
import { watchFilter } from "./filter-watch.ts";
import { parseGateMessage } from "./messages.ts";
import { openHosts } from "./open-hosts.ts";
import { awaitPipelock } from "./pipelock-health.ts";
import { requireLoopbackOnly } from "./loopback-only.ts";
import { monotonic, Policy } from "./policy.ts";
import {
  gateApiPort,
  gateAskPort,
  gateProxyPort,
  gateSshAgentPort,
  pipelockPort,
} from "../../protocol/gate.ts";
import { makeProxy } from "./proxy.ts";
import { makeTcpPort } from "./tcp-port.ts";
import { findTcpPorts } from "../../core/tcp-ports.ts";
import { makeSshAgent } from "./ssh-agent.ts";
import { openWays } from "./ways.ts";

const fixedPorts: GatePorts = {
  proxy: gateProxyPort,
  api: gateApiPort,
  sshAgent: gateSshAgentPort,
  pipelock: pipelockPort,
  ask: gateAskPort,
};

const loopback = "127.0.0.1";

process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
process.on("SIGTERM", () => {
  settle();
  process.stdout.write("", () => process.exit(0));
});

/** Set once the configuration is there; what it has not told yet is told at the end */
let settle = (): void => undefined;
/** Set once the configuration is there; from then on lines are changes to it */
let control: ControlOptions | undefined;
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  if (control) return takeLine(line, control);
  const configuration = parseGateMessage(line);
  if (configuration.type !== "configure") throw new GateFailure("a change came before the configuration");
  control = {
    configuration,
    policy: new Policy(configuration.destinations),
    lock: makeChangeLock(monotonic),
    freezer: new Freezer(emit),
    bounds: new Bounds(configuration.bounds ?? [], emit),
    emit,
  };
  start(control).catch(fail);
});
// The launcher may go away later, for instance when a session is detached from; it may not before the policy is known
lines.on("close", () => {
  if (!control) fail(new GateFailure("stdin ended before the configuration came"));
});

async function start({ configuration, policy, freezer, bounds }: ControlOptions): Promise<void> {
  const ports = configuration.ports ?? fixedPorts;
  if (configuration.inspect) {
    const { caDirectory, caKey } = configuration.inspect;
    emit({ event: "authority", certificate: await createAuthority(caDirectory, caKey) });
  }
  const usesPipelock = configuration.filter === "pipelock";
  if (!usesPipelock && configuration.destinations.some((one) => one.protocol === "http"))
    throw new GateFailure("plain http is allowed, but there is no pipelock to search it");
  // Takes as long as pipelock does; its failure ends the gate
  const sshAgentReady =
    configuration.sshKeys.length > 0 ? makeSshAgent(configuration.sshKeys, fail) : undefined;
  // Nothing can ask before it is verified: the listeners are opened after it
  const pipelock = usesPipelock ? await awaitPipelock(ports.pipelock) : null;
  if (usesPipelock) await requireLoopbackOnly(ports.pipelock);
  const filter = usesPipelock ? watchFilter({ port: ports.pipelock, emit }) : undefined;
  const ways = await openWays(configuration, ports.pipelock, filter);
  const { wayOut, directWayOut } = ways;
  const opened = await openHosts({ configuration, policy, freezer, bounds, ways, emit });
  settle = opened.settle;
  const { uses, traps, plain, onHead, openings } = opened;
  const { address = loopback, peer } = configuration;
  const open = (server: Server, port: number) => listen(hearOnly(freezer.watch(server), peer), port, address);
  const asks = makeAsks(policy, emit);
  const askServer = makeAskServer({ asks, apiHost: configuration.api?.host });
  const taken = Object.values(ports).filter((port) => port !== undefined);
  const [proxy, api, sshAgent, ask] = await Promise.all([
    open(makeProxy({ policy, wayOut, directWayOut, plain, emit, ...openings, onHead, bounds }), ports.proxy),
    configuration.api ? open(makeApiForwarder(configuration.api, wayOut, emit, uses, traps), ports.api) : 0,
    sshAgentReady ? sshAgentReady.then((server) => open(server, ports.sshAgent)) : 0,
    open(askServer, ports.ask ?? 0),
    ...findTcpPorts(configuration.destinations, taken).map(({ host, port }) =>
      open(makeTcpPort({ host, port }, { policy, wayOut: directWayOut, emit, bounds }), port),
    ),
  ]);
  emit({ event: "ready", ports: { ...ports, proxy, api, sshAgent, ask }, pipelock });
  if (!configuration.isAgain) beginCounts();
}

/**
 * Linux takes a packet for any of a namespace's addresses on any of its interfaces: the address that is listened on keeps nobody out
 * who can send to it from the other network. Who it was that came does.
 */
function hearOnly(server: Server, peer: string | undefined): Server {
  if (peer === undefined) return server;
  return server.prependListener("connection", (socket) => {
    if (socket.remoteAddress !== peer) socket.destroy();
  });
}

function listen(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => resolve((server.address() as AddressInfo).port));
  });
}
