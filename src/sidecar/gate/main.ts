/**
 * The gate: the only program an agent can talk to. Reads its configuration from stdin, opens its listeners, and reports on stdout.
 * When anything is not as it must be, it ends, and then nothing gets out.
 */
import type { AddressInfo, Server } from "node:net";
import { createInterface } from "node:readline";
import { makeApiForwarder } from "./api-forwarder.ts";
import { createAuthority } from "./authority.ts";
import { emit } from "./events.ts";
import { awaitPipelock } from "./pipelock-health.ts";
import { gateApiPort, gateProxyPort, gateSshAgentPort, pipelockPort } from "./protocol.ts";
import type { GateConfiguration, GateMessage, GatePorts } from "./protocol.ts";
import { makeProxy } from "./proxy.ts";
import { makeSshAgent } from "./ssh-agent.ts";
import { dialDirectly, throughPipelock } from "./way-out.ts";

const fixedPorts: GatePorts = { proxy: gateProxyPort, api: gateApiPort, sshAgent: gateSshAgentPort, pipelock: pipelockPort };

process.on("uncaughtException", (error) => fail(error));
process.on("unhandledRejection", (error) => fail(error));
process.on("SIGTERM", () => process.exit(0));

let isConfigured = false;
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const message = JSON.parse(line) as GateMessage;
  if (message.type !== "configure" || isConfigured) throw new Error("a message was not understood");
  isConfigured = true;
  start(message).catch(fail);
});
lines.on("close", () => {
  if (!isConfigured) fail(new Error("the launcher closed the channel before it sent the configuration"));
});

async function start(configuration: GateConfiguration): Promise<void> {
  const ports = configuration.ports ?? fixedPorts;
  if (configuration.inspect) {
    emit({ event: "authority", certificate: await createAuthority(configuration.inspect.caDirectory) });
  }
  const wayOut = configuration.filter === "pipelock" ? throughPipelock(ports.pipelock) : dialDirectly();
  const [pipelock, proxy, api, sshAgent] = await Promise.all([
    configuration.filter === "pipelock" ? awaitPipelock(ports.pipelock) : null,
    listen(makeProxy({ destinations: configuration.destinations, wayOut, emit }), ports.proxy),
    configuration.api ? listen(makeApiForwarder(configuration.api, wayOut, emit), ports.api) : 0,
    configuration.sshKeys.length > 0 ? makeSshAgent(configuration.sshKeys).then((server) => listen(server, ports.sshAgent)) : 0,
  ]);
  emit({ event: "ready", ports: { ...ports, proxy, api, sshAgent }, pipelock });
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "0.0.0.0", () => resolve((server.address() as AddressInfo).port));
  });
}

/** Errors of ours may quote a message, and a message may hold a secret: only the text of known errors is passed on. */
function fail(error: unknown): void {
  const message = error instanceof SyntaxError ? "a message was not JSON" : error instanceof Error ? error.message : "unknown";
  emit({ event: "fatal", message: message.slice(0, 500) });
  // Long enough for stdout to be read, short enough that nothing slips through a half-open gate
  setTimeout(() => process.exit(1), 20);
}
