/**
 * The gate: the only program an agent can talk to. Reads its configuration from stdin, opens its listeners, and reports on stdout.
 * When anything is not as it must be, it ends, and then nothing gets out.
 */
import type { AddressInfo, Server } from "node:net";
import { createInterface } from "node:readline";
import { makeApiForwarder } from "./api-forwarder.ts";
import { createAuthority } from "./authority.ts";
import { dialDirectly } from "./dial-directly.ts";
import { emit, fail } from "./events.ts";
import { GateFailure } from "./failure.ts";
import { parseGateMessage } from "./messages.ts";
import { awaitPipelock } from "./pipelock-health.ts";
import { gateApiPort, gateProxyPort, gateSshAgentPort, pipelockPort } from "./protocol.ts";
import type { GateConfiguration, GatePorts } from "./protocol.ts";
import { makeProxy } from "./proxy.ts";
import { makeSshAgent } from "./ssh-agent.ts";
import { throughPipelock } from "./through-pipelock.ts";

const fixedPorts: GatePorts = {
  proxy: gateProxyPort,
  api: gateApiPort,
  sshAgent: gateSshAgentPort,
  pipelock: pipelockPort,
};

process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
process.on("SIGTERM", () => process.exit(0));

let isConfigured = false;
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const message = parseGateMessage(line);
  if (isConfigured) throw new GateFailure("a second configuration came");
  isConfigured = true;
  start(message).catch(fail);
});
// The launcher may go away later, for instance when a session is detached from; it may not before the policy is known
lines.on("close", () => {
  if (!isConfigured) fail(new GateFailure("stdin ended before the configuration came"));
});

async function start(configuration: GateConfiguration): Promise<void> {
  const ports = configuration.ports ?? fixedPorts;
  if (configuration.inspect) {
    emit({ event: "authority", certificate: await createAuthority(configuration.inspect.caDirectory) });
  }
  const usesPipelock = configuration.filter === "pipelock";
  const wayOut = usesPipelock ? throughPipelock(ports.pipelock) : dialDirectly();
  const [pipelock, proxy, api, sshAgent] = await Promise.all([
    usesPipelock ? awaitPipelock(ports.pipelock) : null,
    listen(makeProxy({ destinations: configuration.destinations, wayOut, emit }), ports.proxy),
    configuration.api ? listen(makeApiForwarder(configuration.api, wayOut, emit), ports.api) : 0,
    configuration.sshKeys.length > 0
      ? makeSshAgent(configuration.sshKeys, fail).then((server) => listen(server, ports.sshAgent))
      : 0,
  ]);
  emit({ event: "ready", ports: { ...ports, proxy, api, sshAgent }, pipelock });
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "0.0.0.0", () => resolve((server.address() as AddressInfo).port));
  });
}
