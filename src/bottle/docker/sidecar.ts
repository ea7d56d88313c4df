/**
 * The two containers beside an agent: the gate, which owns the network namespace and is all the agent can talk to, and pipelock
 * behind it on that namespace's loopback. Neither is trusted until it has said that it runs what we wrote.
 */
import { setTimeout } from "node:timers/promises";
import { BottleError } from "../../core/error.ts";
import type { Scope } from "../../core/scope.ts";
import type { SecretUse } from "../../core/secret-ledger.ts";
import {
  attachContainer,
  killAndRemoveContainer,
  startContainer,
  stopContainer,
} from "../../engine/containers.ts";
import { putArchive } from "../../engine/put-archive.ts";
import type { HostConfig } from "../../engine/containers.ts";
import type { Engine, HijackedStream } from "../../engine/engine.ts";
import { demultiplex } from "../../engine/frames.ts";
import { connectNetwork } from "../../engine/networks.ts";
import { makeTar } from "../../engine/tar.ts";
import { createMemoryVolume, removeVolume } from "../../engine/volumes.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import { authorityFolder, renderPipelockConfig } from "../../plan/pipelock-config.ts";
import { pipelockPort } from "../../sidecar/gate/protocol.ts";
import type { GateConfiguration, GateEvent, GateLiveMessage } from "../../sidecar/gate/protocol.ts";
import { gateCommand, gateProgram, renderGateInput } from "../../sidecar/programs.ts";
import type { RefusedHost, SeenEgress } from "../bottle.ts";
import { watchGate } from "./gate-events.ts";
import type { GateWatch } from "./gate-events.ts";
import { GateMemory } from "./gate-memory.ts";
import { createCheckedContainer } from "./checked-create.ts";
import { makeHardening, noForwarding } from "./hardening.ts";
import { pipelockConfigPath, restartPipelock } from "./live/pipelock-control.ts";
import type { Labels, ObjectNames, Role } from "./labels.ts";
import { holdLifeline } from "./lifeline.ts";
import type { BottleNetworks } from "./networks.ts";
import { settleAll } from "./settle.ts";
import { startPipelock } from "./start-pipelock.ts";
import type { Weaknesses } from "./verify/weakness.ts";
import { within } from "./within.ts";

const mebibyte = 1024 * 1024;
/** Nobody: both programs run without a name, a home or a capability */
const sidecarUser = "65532:65532";
/** Both programs are ready within a second; a machine that swaps gets its time */
const readyMs = 120_000;
const endNoticeMs = 1_000;
/** Events hold host names; kept small and rotated, and gone with the container */
const boundedLog = { Type: "local", Config: { "max-size": "5m", "max-file": "2" } };

export interface SidecarRequest {
  readonly plan: BottlePlan;
  readonly names: ObjectNames;
  readonly labels: (role: Role) => Labels;
  readonly image: string;
  readonly networks: BottleNetworks;
  readonly configuration: GateConfiguration;
  readonly weaknesses?: Weaknesses | undefined;
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
  /** Has every event of the gate told, also of one that takes its place */
  listen(listener: (event: GateEvent) => void): void;
  /** Starts a part that ended or hangs again and verifies it. pipelock lives in the gate's namespace and goes with it. */
  startAgain(part: "gate" | "pipelock"): Promise<void>;
}

/** Creates, starts and verifies the sidecar; resolves when both programs have proved what they run. */
export async function startSidecar(engine: Engine, request: SidecarRequest, scope: Scope): Promise<Sidecar> {
  const { names, plan } = request;
  if (request.configuration.inspect) await createAuthorityVolume(engine, request, scope);
  scope.add(`container ${names.gate}`, () => killAndRemoveContainer(engine, names.gate));
  if (plan.egress.filter === "pipelock") {
    scope.add(`container ${names.pipelock}`, () => killAndRemoveContainer(engine, names.pipelock));
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
  const open = (start: () => Promise<void>) =>
    openGate(engine, request, memory, (event) => listeners.forEach((one) => one(event)), start);
  let current = await open(() => startPipelock(engine, names.pipelock, plan));
  return {
    authority: () => current.watch.authority,
    refused: () => memory.refused(),
    seen: () => ({ reached: memory.reached(), refused: memory.refused(), secrets: memory.secrets() }),
    secrets: () => memory.secrets(),
    isTokenRefused: () => memory.isTokenRefused(),
    send: async (message) => current.stream.write(`${JSON.stringify(message)}\n`),
    listen: (listener) => void listeners.push(listener),
    async startAgain(part) {
      if (part === "pipelock") return restartPipelock(engine, names.pipelock);
      current.stream.destroy();
      await stopContainer(engine, names.gate);
      current = await open(() => restartPipelock(engine, names.pipelock));
    },
  };
}

interface OpenGate {
  readonly stream: HijackedStream;
  readonly watch: GateWatch;
}

/** Starts the gate's container, hands it program, policy and secrets, and waits until all is verified. */
async function openGate(
  engine: Engine,
  { names, plan, configuration, networks }: SidecarRequest,
  memory: GateMemory,
  listener: (event: GateEvent) => void,
  startFilter: () => Promise<void>,
): Promise<OpenGate> {
  const stream = await attachContainer(engine, names.gate, { stdin: true, stdout: true, stderr: true });
  const { sidecar: address, agent: peer } = networks.internal;
  const messages = [{ ...configuration, address, peer }, ...memory.replay()];
  const watch = watchGate(demultiplex(stream.output), memory, listener);
  await startContainer(engine, names.gate);
  await stream.write(renderGateInput(gateProgram, messages));
  // A gate that was started again gets another; nothing in it would end the one it has
  const lifeline = holdLifeline(engine, { container: names.gate, user: sidecarUser });
  const isReady = async () => {
    if (configuration.inspect) await within(readyMs, watch.authority, notInTime);
    if (plan.egress.filter === "pipelock")
      await within(readyMs, startFilter(), notInTime).catch((error: unknown) => throwCause(error, watch));
    await within(readyMs, watch.ready, notInTime);
  };
  await settleAll([isReady(), lifeline]);
  return { stream, watch };
}

/** pipelock cannot start in the namespace of a gate that has ended; then the gate says why, a moment later. */
async function throwCause(error: unknown, watch: GateWatch): Promise<never> {
  await Promise.race([watch.ready, setTimeout(endNoticeMs)]);
  throw error;
}

/** The CA's key passes from gate to pipelock in memory; the launcher and the disk never have it. */
async function createAuthorityVolume(engine: Engine, request: SidecarRequest, scope: Scope): Promise<void> {
  const name = request.names.caVolume;
  scope.add(`volume ${name}`, () => removeVolume(engine, name));
  scope.nextGroup();
  await createMemoryVolume(engine, {
    name,
    options: "size=1m,mode=0700,uid=65532,gid=65532",
    labels: request.labels("authority"),
  });
}

function authorityMount(request: SidecarRequest, isReadOnly: boolean): HostConfig {
  if (!request.configuration.inspect) return {};
  return {
    Mounts: [
      { Type: "volume", Source: request.names.caVolume, Target: authorityFolder, ReadOnly: isReadOnly },
    ],
  };
}

async function createGate(engine: Engine, request: SidecarRequest): Promise<string> {
  const id = await createCheckedContainer(engine, request.names.gate, {
    Image: request.image,
    Entrypoint: [],
    Cmd: gateCommand,
    User: sidecarUser,
    WorkingDir: "/",
    Env: ["HOME=/run/gate"],
    Labels: request.labels("gate"),
    OpenStdin: true,
    HostConfig: {
      ...makeHardening({ memoryBytes: 256 * mebibyte, pids: 128 }),
      NetworkMode: request.names.internal,
      Sysctls: request.weaknesses?.has("forwarding") ? {} : noForwarding,
      ReadonlyRootfs: true,
      Tmpfs: { "/run/gate": "rw,noexec,nosuid,nodev,size=1m,mode=0700,uid=65532,gid=65532" },
      LogConfig: boundedLog,
      ...authorityMount(request, false),
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
  const id = await createCheckedContainer(engine, request.names.pipelock, {
    Image: request.plan.egress.pipelockImage ?? "",
    Cmd: ["run", "--config", pipelockConfigPath, "--listen", `127.0.0.1:${pipelockPort}`],
    User: sidecarUser,
    Labels: request.labels("pipelock"),
    // The image's own check asks port 8888, where the gate is; the gate asks pipelock itself
    Healthcheck: { Test: ["NONE"] },
    HostConfig: {
      // Scanning an answer takes some twenty times its size
      ...makeHardening({ memoryBytes: (request.configuration.inspect ? 1024 : 512) * mebibyte, pids: 256 }),
      Init: false,
      NetworkMode: `container:${request.names.gate}`,
      LogConfig: boundedLog,
      ...authorityMount(request, true),
    },
  });
  await putArchive(engine, id, "/", await makeConfigTar(request.plan));
}

/** A scratch image has no /etc/pipelock; the folders come with the archive, readable and listable for the program's user. */
function makeConfigTar(plan: BottlePlan): Promise<Uint8Array> {
  return makeTar([
    { path: "etc", mode: 0o755, kind: "directory" },
    { path: "etc/pipelock", mode: 0o755, kind: "directory" },
    { path: pipelockConfigPath.slice(1), mode: 0o444, content: renderPipelockConfig(plan) },
  ]);
}

function notInTime(seconds: number): BottleError {
  return new BottleError({
    code: "sidecar",
    message: `Cannot start the sidecar: it runs, but is not ready after ${seconds} s`,
    hint: 'See whether the engine is well with "claude-bottle doctor", and try again.',
  });
}
