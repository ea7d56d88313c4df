/**
 * The two parts beside an agent: the gate, which is all the agent can talk to, and pipelock behind it on the loopback of the gate's
 * network. Neither is trusted until it has said that it runs what we wrote.
 */
import { makeTar } from "../../archive/small-tar.ts";
import { engineHost } from "../../core/host-port.ts";
import type { Scope } from "../../core/scope.ts";
import { settleAll } from "../../core/settle.ts";
import { authorityFolder, renderPipelockConfig } from "../../plan/pipelock-config.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import { pipelockPort } from "../../protocol/gate.ts";
import type { GateConfiguration } from "../../protocol/gate.ts";
import { gateCommand } from "../../sidecar/programs.ts";
import { pipelockConfigFolder, pipelockConfigName, pipelockConfigPath } from "../filter/pipelock-control.ts";
import type { Sidecar } from "../gate/sidecar.ts";
import { openSidecar } from "../running/open-sidecar.ts";
import type { Ground } from "../platform/ground.ts";

const mebibyte = 1024 * 1024;

/**
 * Where pipelock's collector begins to work harder. Without it six answers of 16 MB at once end the program by its limit, and with it
 * every tunnel; with it they take longer.
 */
const collectedShare = 0.78;

export interface SidecarRequest {
  readonly plan: BottlePlan;
  readonly configuration: GateConfiguration;
  /** Of pipelock, as its image says */
  readonly filterVersion: string;
}

/** Makes, starts and verifies the sidecar; resolves when both programs have proved what they run. */
export async function startSidecar(ground: Ground, request: SidecarRequest, scope: Scope): Promise<Sidecar> {
  const { plan, configuration, filterVersion } = request;
  await ground.makeGate({
    program: [],
    words: gateCommand(configuration),
    // With an arena of memory for each thread it keeps some 3 MB more
    env: ["HOME=/run/gate", "MALLOC_ARENA_MAX=1"],
    memoryBytes: (mayPush(plan) ? 1024 : 256) * mebibyte,
    pids: 128,
    home: "/run/gate",
    engineHost: needsEngineHost(plan) ? engineHost : undefined,
    // pipelock looks names up that lead to the gate; without pipelock nobody does
    answersNames: configuration.proxy !== undefined && plan.egress.filter === "pipelock",
    // The CA's key passes from gate to pipelock in memory; the launcher and the disk never have it
    authorityFolder: configuration.inspect ? authorityFolder : undefined,
  });
  await settleAll([
    ground.connectGate(),
    ground.internalReady(),
    plan.egress.filter === "pipelock" ? makePipelock(ground, request) : Promise.resolve(),
  ]);
  scope.throwIfClosing();
  const { gate, pipelock } = ground.parts;
  const { sidecar: address, agent: peer } = ground.addresses.internal;
  return openSidecar({ plan, configuration, filterVersion, gate, addresses: { address, peer } }, pipelock);
}

/** A push is in the gate's memory as a whole while it is looked at. */
function mayPush({ egress }: BottlePlan): boolean {
  return egress.destinations.some((one) => one.git?.some(({ push }) => push.length > 0));
}

function needsEngineHost({ egress }: BottlePlan): boolean {
  return [egress.proxy, ...egress.destinations].some((one) => one?.host === engineHost);
}

async function makePipelock(
  ground: Ground,
  { plan, configuration, filterVersion }: SidecarRequest,
): Promise<void> {
  // Scanning an answer takes some twenty times its size
  const memoryMebibytes = configuration.inspect ? 1024 : 512;
  await ground.makeFilter({
    image: plan.egress.pipelockImage ?? "",
    program: undefined,
    words: ["run", "--config", pipelockConfigPath, "--listen", `127.0.0.1:${pipelockPort}`],
    env: [`GOMEMLIMIT=${Math.floor(memoryMebibytes * collectedShare)}MiB`],
    memoryBytes: memoryMebibytes * mebibyte,
    pids: 256,
    configurationFolder: pipelockConfigFolder,
    authorityFolder: configuration.inspect ? authorityFolder : undefined,
  });
  const content = renderPipelockConfig(plan, filterVersion);
  const tar = await makeTar([{ path: pipelockConfigName, mode: 0o444, content }]);
  await ground.parts.pipelock.putFiles(pipelockConfigFolder, tar);
}
