/**
 * The two containers beside an agent: the gate, which owns the network namespace and is all the agent can talk to, and pipelock
 * behind it on that namespace's loopback. Neither is trusted until it has said that it runs what we wrote.
 */
import { makePart } from "./part.ts";
import type { GateEvent } from "../../protocol/gate-events.ts";
import type { Scope } from "../../core/scope.ts";
import type { SecretUse } from "../../core/secret-ledger.ts";
import { killAndRemoveContainer, stopContainer } from "../../engine/containers.ts";
import { putArchive } from "../../engine/put-archive.ts";
import type { HostConfig } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { connectNetwork } from "../../engine/networks.ts";
import { makeTar } from "../../archive/small-tar.ts";
import { createMemoryVolume, removeVolume } from "../../engine/volumes.ts";
import { authorityFolder, renderPipelockConfig } from "../../plan/pipelock-config.ts";
import { pipelockPort } from "../../protocol/gate.ts";
import type { GateLiveMessage } from "../../protocol/gate.ts";
import { programCommand } from "../../sidecar/programs.ts";
import type { RefusedHost, SeenEgress } from "../bottle.ts";
import { GateMemory } from "../gate/gate-memory.ts";
import { createCheckedContainer } from "./checked-create.ts";
import { makeHardening, noForwarding } from "./hardening.ts";
import {
  pipelockConfigFolder,
  pipelockConfigName,
  pipelockConfigPath,
  restartPipelock,
} from "../filter/pipelock-control.ts";
import type { Labels, Role } from "./labels.ts";
import { openGate, sidecarUser } from "./open-gate.ts";
import type { GateRequest } from "./open-gate.ts";
import { settleAll } from "../../core/settle.ts";
import { startPipelock } from "./start-pipelock.ts";
import { inTime } from "../../core/time/within.ts";

const mebibyte = 1024 * 1024;
/** Events hold host names; kept small and rotated, and gone with the container */
const boundedLog = { Type: "local", Config: { "max-size": "5m", "max-file": "2" } };

/**
 * Where pipelock's collector begins to work harder. Without it six answers of 16 MB at once end the program by its limit, and with it
 * every tunnel; with it they take longer.
 */
const collectedShare = 0.78;

/** A gate that is asked to end does so at once, unless it hangs */
const settlePatienceMs = 2_000;

export interface SidecarRequest extends GateRequest {
  readonly labels: (role: Role) => Labels;
  readonly image: string;
}

/** A sidecar that runs, and the way to bring its parts back. */
export interface Sidecar {
  /** The CA certificate (PEM) for inspected hosts */
  authority(): Promise<string>;
  refused(): readonly RefusedHost[];
  /** All that came by so far */
  readonly seen: () => SeenEgress;
  /** What became of each secret that it holds */
  secrets(): readonly SecretUse[];
  /** True if the API does not take the credential */
  isTokenRefused(): boolean;
  /** Writes to the gate's stdin */
  send(message: GateLiveMessage): Promise<void>;
  /** Resolves when the gate has told all and ended, or does not end in time; for one that was asked to end */
  settled(): Promise<void>;
  /** Has every event of the gate told, also of one that takes its place */
  listen(listener: (event: GateEvent) => void): void;
  /** Starts a part that ended or hangs again and verifies it. pipelock lives in the gate's namespace and goes with it. */
  startAgain(part: "gate" | "pipelock"): Promise<void>;
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
  const memory = new GateMemory();
  const listeners: ((event: GateEvent) => void)[] = [];
  const onEvent = (event: GateEvent) => listeners.forEach((one) => one(event));
  const open = (startFilter: () => Promise<void>) =>
    openGate(engine, request, { memory, onEvent, startFilter });
  const pipelock = makePart(engine, names.pipelock, { role: "pipelock", isRunning: true });
  let current = await open(() => startPipelock(engine, names.pipelock, plan));
  return {
    authority: () => current.watch.authority,
    refused: () => memory.refused(),
    seen: () => ({ reached: memory.reached(), refused: memory.refused(), secrets: memory.secrets() }),
    secrets: () => memory.secrets(),
    isTokenRefused: () => memory.isTokenRefused(),
    send: async (message) => current.stream.write(`${JSON.stringify(message)}\n`),
    settled: async () => void (await inTime(settlePatienceMs, current.watch.ended)),
    listen: (listener) => void listeners.push(listener),
    async startAgain(part) {
      if (part === "pipelock") return restartPipelock(pipelock);
      current.stream.destroy();
      await stopContainer(engine, names.gate);
      current = await open(() => restartPipelock(pipelock));
    },
  };
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
    { path: pipelockConfigName, mode: 0o444, content: renderPipelockConfig(request.plan) },
  ]);
  await putArchive(engine, id, pipelockConfigFolder, tar);
}
