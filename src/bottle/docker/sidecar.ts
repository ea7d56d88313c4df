/**
 * The two containers beside an agent: the gate, which owns the network namespace and is all the agent can talk to, and pipelock
 * behind it on that namespace's loopback. Neither is trusted until it has said that it runs what we wrote.
 */
import { createHash } from "node:crypto";
import { BottleError } from "../../core/error.ts";
import type { Scope } from "../../core/scope.ts";
import { escapeForTerminal } from "../../core/text.ts";
import {
  attachContainer,
  createContainer,
  killAndRemoveContainer,
  putArchive,
  readLogs,
  startContainer,
} from "../../engine/containers.ts";
import type { HostConfig } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { demultiplex } from "../../engine/frames.ts";
import { connectNetwork } from "../../engine/networks.ts";
import { makeTar } from "../../engine/tar.ts";
import { createMemoryVolume, removeVolume } from "../../engine/volumes.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import { authorityFolder, renderPipelockConfig } from "../../plan/pipelock-config.ts";
import { pipelockPort } from "../../sidecar/gate/protocol.ts";
import type { GateConfiguration } from "../../sidecar/gate/protocol.ts";
import { gateCommand, gateProgram, renderGateInput } from "../../sidecar/programs.ts";
import { watchGate } from "./gate-events.ts";
import type { GateWatch } from "./gate-events.ts";
import { makeHardening, noForwarding } from "./hardening.ts";
import { readJsonLines } from "./json-lines.ts";
import type { Labels, ObjectNames, Role } from "./labels.ts";
import type { BottleNetworks } from "./networks.ts";
import { settleAll } from "./settle.ts";

const mebibyte = 1024 * 1024;
/** Nobody: both programs run without a name, a home or a capability */
const sidecarUser = "65532:65532";
const pipelockConfigPath = "/etc/pipelock/pipelock.yaml";
/** Events hold host names; kept small and rotated, and gone with the container */
const boundedLog = { Type: "local", Config: { "max-size": "5m", "max-file": "2" } };

export interface SidecarRequest {
  readonly plan: BottlePlan;
  readonly names: ObjectNames;
  readonly labels: (role: Role) => Labels;
  readonly image: string;
  readonly networks: BottleNetworks;
  readonly configuration: GateConfiguration;
}

/** Creates, starts and verifies the sidecar; resolves when both programs have proved what they run. */
export async function startSidecar(
  engine: Engine,
  request: SidecarRequest,
  scope: Scope,
): Promise<GateWatch> {
  const { names, plan } = request;
  if (request.configuration.inspect) await createAuthorityVolume(engine, request, scope);
  scope.add(`container ${names.gate}`, () => killAndRemoveContainer(engine, names.gate));
  if (plan.egress.filter === "pipelock") {
    scope.add(`container ${names.pipelock}`, () => killAndRemoveContainer(engine, names.pipelock));
  }
  const gate = await createGate(engine, request);
  const stream = await settleAll([
    attachContainer(engine, gate, { stdin: true, stdout: true, stderr: true }),
    request.networks.egressId.then((id) => connectNetwork(engine, id, gate, {})),
    request.networks.internalId,
    plan.egress.filter === "pipelock" ? createPipelock(engine, request) : Promise.resolve(),
  ]).then(([attached]) => attached);
  const watch = watchGate(demultiplex(stream.output));
  await startContainer(engine, gate);
  await stream.write(renderGateInput(gateProgram, [request.configuration]));
  if (request.configuration.inspect) await watch.authority;
  if (plan.egress.filter === "pipelock") await startPipelock(engine, request);
  await watch.ready;
  return watch;
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
  const { id } = await createContainer(engine, request.names.gate, {
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
      Sysctls: noForwarding,
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
  const { id } = await createContainer(engine, request.names.pipelock, {
    Image: request.plan.egress.pipelockImage ?? "",
    Cmd: ["run", "--config", pipelockConfigPath, "--listen", `127.0.0.1:${pipelockPort}`],
    User: sidecarUser,
    Labels: request.labels("pipelock"),
    // The image's own check asks port 8888, where the gate is; the gate asks pipelock itself
    Healthcheck: { Test: ["NONE"] },
    HostConfig: {
      ...makeHardening({ memoryBytes: 512 * mebibyte, pids: 256 }),
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

/** Starts pipelock and holds the hash that it reports at start-up against the bytes that were written. */
async function startPipelock(engine: Engine, request: SidecarRequest): Promise<void> {
  await startContainer(engine, request.names.pipelock);
  const wanted = createHash("sha256").update(renderPipelockConfig(request.plan)).digest("hex");
  const complaints: string[] = [];
  for await (const line of readJsonLines(
    demultiplex(readLogs(engine, request.names.pipelock, { follow: true })),
  )) {
    if (line.json?.["event"] === "startup") {
      if (line.json["config_hash"] === wanted && line.json["mode"] === "strict") return;
      throw notVerified("it runs another configuration than the one that was written", []);
    }
    if (!line.json) complaints.push(line.text);
  }
  throw notVerified("it ended at once", complaints.slice(-6));
}

function notVerified(state: string, complaints: readonly string[]): BottleError {
  return new BottleError({
    code: "sidecar",
    message: `Cannot start pipelock: ${state}`,
    details: complaints.map((line) => escapeForTerminal(line).slice(0, 300)),
    hint: "Unset CLAUDE_BOTTLE_PIPELOCK_IMAGE to use the pinned release, and report this if it is unset.",
  });
}
