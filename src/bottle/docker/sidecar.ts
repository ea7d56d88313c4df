/**
 * The two containers beside an agent: the gate, which owns the network namespace and is all the agent can talk to, and pipelock
 * behind it on that namespace's loopback. Neither is trusted until it has said that it runs what we wrote.
 */
import { makeTar } from "../../archive/small-tar.ts";
import { engineHost } from "../../core/host-port.ts";
import type { Scope } from "../../core/scope.ts";
import { settleAll } from "../../core/settle.ts";
import { killAndRemoveContainer } from "../../engine/containers.ts";
import type { HostConfig } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { connectNetwork } from "../../engine/networks.ts";
import { putArchive } from "../../engine/put-archive.ts";
import { createMemoryVolume, removeVolume } from "../../engine/volumes.ts";
import { authorityFolder, renderPipelockConfig } from "../../plan/pipelock-config.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import { pipelockPort } from "../../protocol/gate.ts";
import { programCommand } from "../../sidecar/programs.ts";
import { pipelockConfigFolder, pipelockConfigName, pipelockConfigPath } from "../filter/pipelock-control.ts";
import type { GateRequest } from "../gate/open-gate.ts";
import type { Sidecar } from "../gate/sidecar.ts";
import { openSidecar } from "../running/open-sidecar.ts";
import { createCheckedContainer } from "./checked-create.ts";
import { makeParts } from "./find-parts.ts";
import { makeHardening, noForwarding } from "./hardening.ts";
import type { Labels, ObjectNames, Role } from "./labels.ts";
import type { BottleNetworks } from "./networks.ts";

const mebibyte = 1024 * 1024;
/** Events hold host names; kept small and rotated, and gone with the container */
const boundedLog = { Type: "local", Config: { "max-size": "5m", "max-file": "2" } };

/**
 * Where pipelock's collector begins to work harder. Without it six answers of 16 MB at once end the program by its limit, and with it
 * every tunnel; with it they take longer.
 */
const collectedShare = 0.78;

/** Nobody: gate and pipelock run without a name, a home or a capability */
const sidecarUser = "65532:65532";

export interface SidecarRequest extends Pick<GateRequest, "configuration"> {
  readonly plan: BottlePlan;
  readonly names: ObjectNames;
  readonly networks: BottleNetworks;
  readonly labels: (role: Role) => Labels;
  readonly image: string;
  /** Of pipelock, as its image says */
  readonly filterVersion: string;
}

/** Creates, starts and verifies the sidecar; resolves when both programs have proved what they run. */
export async function startSidecar(engine: Engine, request: SidecarRequest, scope: Scope): Promise<Sidecar> {
  const { names, plan } = request;
  if (request.configuration.inspect) await createAuthorityVolume(engine, request, scope);
  scope.add({ kind: "container", name: names.gate }, () => killAndRemoveContainer(engine, names.gate));
  if (plan.egress.filter === "pipelock") {
    scope.add({ kind: "container", name: names.pipelock }, () =>
      killAndRemoveContainer(engine, names.pipelock),
    );
  }
  const gate = await createGate(engine, request);
  await settleAll([
    request.networks.egressId.then((id) =>
      connectNetwork(engine, id, gate, { ipv4Address: request.networks.egress.sidecar }),
    ),
    request.networks.internalId,
    plan.egress.filter === "pipelock" ? createPipelock(engine, request) : Promise.resolve(),
  ]);
  scope.throwIfClosing();
  const { gate: part, pipelock } = makeParts(engine, names);
  const { sidecar: address, agent: peer } = request.networks.internal;
  return openSidecar({ ...request, gate: part, addresses: { address, peer } }, pipelock);
}

/** The CA's key passes from gate to pipelock in memory; the launcher and the disk never have it. */
async function createAuthorityVolume(engine: Engine, request: SidecarRequest, scope: Scope): Promise<void> {
  const name = request.names.caVolume;
  scope.add({ kind: "volume", name }, () => removeVolume(engine, name));
  scope.nextGroup();
  await createMemoryVolume(engine, {
    name,
    options: "size=1m,mode=0700,uid=65532,gid=65532",
    labels: request.labels("authority"),
  });
}

type Mount = Readonly<Record<string, unknown>>;

function mountAll(mounts: readonly Mount[]): HostConfig {
  return mounts.length === 0 ? {} : { Mounts: mounts };
}

function authorityMounts(request: SidecarRequest, isReadOnly: boolean): Mount[] {
  if (!request.configuration.inspect) return [];
  return [{ Type: "volume", Source: request.names.caVolume, Target: authorityFolder, ReadOnly: isReadOnly }];
}

/**
 * An engine puts files into a container with a read-only root where a volume is, and nowhere else. This one has no name and goes with
 * the container. It is root's, so pipelock can write there as little as elsewhere.
 */
function configurationMount(request: SidecarRequest): Mount {
  const labels = { Labels: request.labels("pipelock") };
  return { Type: "volume", Target: pipelockConfigFolder, VolumeOptions: labels };
}

/** The name of the engine's own machine, where a port of it is granted; pipelock sees the gate's list of hosts. */
function reachEngineHost({ egress }: BottlePlan): HostConfig {
  if (!egress.destinations.some((one) => one.host === engineHost)) return {};
  return { ExtraHosts: [`${engineHost}:host-gateway`] };
}

async function createGate(engine: Engine, request: SidecarRequest): Promise<string> {
  const id = await createCheckedContainer(engine, request.names.gate, {
    Image: request.image,
    Entrypoint: [],
    Cmd: programCommand,
    User: sidecarUser,
    WorkingDir: "/",
    Env: ["HOME=/run/gate"],
    Labels: request.labels("gate"),
    OpenStdin: true,
    HostConfig: {
      ...makeHardening({ memoryBytes: 256 * mebibyte, pids: 128, looksUpNames: true }),
      NetworkMode: request.names.internal,
      Sysctls: noForwarding,
      ...reachEngineHost(request.plan),
      ReadonlyRootfs: true,
      Tmpfs: { "/run/gate": "rw,noexec,nosuid,nodev,size=1m,mode=0700,uid=65532,gid=65532" },
      LogConfig: boundedLog,
      ...mountAll(authorityMounts(request, false)),
    },
    NetworkingConfig: {
      EndpointsConfig: {
        [request.names.internal]: { IPAMConfig: { IPv4Address: request.networks.internal.sidecar } },
      },
    },
  });
  return id;
}

async function createPipelock(engine: Engine, request: SidecarRequest): Promise<void> {
  // Scanning an answer takes some twenty times its size
  const memoryMebibytes = request.configuration.inspect ? 1024 : 512;
  const id = await createCheckedContainer(engine, request.names.pipelock, {
    Image: request.plan.egress.pipelockImage ?? "",
    Cmd: ["run", "--config", pipelockConfigPath, "--listen", `127.0.0.1:${pipelockPort}`],
    User: sidecarUser,
    Env: [`GOMEMLIMIT=${Math.floor(memoryMebibytes * collectedShare)}MiB`],
    Labels: request.labels("pipelock"),
    // The image's own check asks port 8888, where the gate is; the gate asks pipelock itself
    Healthcheck: { Test: ["NONE"] },
    HostConfig: {
      ...makeHardening({
        memoryBytes: memoryMebibytes * mebibyte,
        pids: 256,
        looksUpNames: true,
      }),
      ReadonlyRootfs: true,
      Init: false,
      NetworkMode: `container:${request.names.gate}`,
      LogConfig: boundedLog,
      ...mountAll([configurationMount(request), ...authorityMounts(request, true)]),
    },
  });
  const tar = await makeTar([
    {
      path: pipelockConfigName,
      mode: 0o444,
      content: renderPipelockConfig(request.plan, request.filterVersion),
    },
  ]);
  await putArchive(engine, id, pipelockConfigFolder, tar);
}
