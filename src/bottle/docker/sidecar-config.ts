/** How gate and pipelock are asked of the engine: the gate owns the network namespace, and pipelock joins it. */
import type { ContainerConfig, HostConfig } from "../../engine/containers.ts";
import type { FilterSpec, GateSpec } from "../platform/ground.ts";
import { makeHardening, nobody, noForwarding } from "./hardening.ts";
import type { Labels, ObjectNames, Role } from "./labels.ts";
import type { BottleNetworks } from "./networks.ts";

/** Events hold host names; kept small and rotated, and gone with the container */
export const boundedLog = { Type: "local", Config: { "max-size": "5m", "max-file": "2" } };

/** Of a folder in memory that is theirs alone */
export const ownedBySidecar = "size=1m,mode=0700,uid=65532,gid=65532";

export interface BottleObjects {
  readonly names: ObjectNames;
  readonly labels: (role: Role) => Labels;
  readonly networks: Pick<BottleNetworks, "internal" | "services">;
}

type Mount = Readonly<Record<string, unknown>>;

function mountAll(mounts: readonly Mount[]): HostConfig {
  return mounts.length === 0 ? {} : { Mounts: mounts };
}

function authorityMounts(
  { names }: BottleObjects,
  { authorityFolder }: Pick<GateSpec, "authorityFolder">,
  isReadOnly: boolean,
): Mount[] {
  if (authorityFolder === undefined) return [];
  return [{ Type: "volume", Source: names.caVolume, Target: authorityFolder, ReadOnly: isReadOnly }];
}

/**
 * An engine puts files into a container with a read-only root where a volume is, and nowhere else. This one has no name and goes with
 * the container. It is root's, so pipelock can write there as little as elsewhere.
 */
function configurationMount({ labels }: BottleObjects, spec: FilterSpec): Mount {
  const options = { Labels: labels("pipelock") };
  return { Type: "volume", Target: spec.configurationFolder, VolumeOptions: options };
}

/** The gate's container, in the agent's network alone at first. */
export function makeGateConfig(image: string, spec: GateSpec, objects: BottleObjects): ContainerConfig {
  const { names, labels, networks } = objects;
  return {
    Image: image,
    ...(spec.program && { Entrypoint: spec.program }),
    Cmd: spec.words,
    User: nobody,
    WorkingDir: "/",
    Env: spec.env,
    Labels: labels("gate"),
    OpenStdin: true,
    HostConfig: {
      ...makeHardening({ memoryBytes: spec.memoryBytes, pids: spec.pids, looksUpNames: true }),
      NetworkMode: names.internal,
      Sysctls: noForwarding,
      // Of the namespace, so that pipelock finds it too
      ...(spec.engineHost !== undefined && { ExtraHosts: [`${spec.engineHost}:host-gateway`] }),
      // The engine's resolver asks there what it does not know itself: in this namespace
      ...(spec.answersNames && { Dns: ["127.0.0.1"] }),
      ReadonlyRootfs: true,
      Tmpfs: { [spec.home]: `rw,noexec,nosuid,nodev,${ownedBySidecar}` },
      LogConfig: boundedLog,
      ...mountAll(authorityMounts(objects, spec, false)),
    },
    NetworkingConfig: {
      EndpointsConfig: { [names.internal]: { IPAMConfig: { IPv4Address: networks.internal.sidecar } } },
    },
  };
}

/** The filter's container, in the gate's network namespace. */
export function makeFilterConfig(spec: FilterSpec, objects: BottleObjects): ContainerConfig {
  return {
    Image: spec.image,
    ...(spec.program && { Entrypoint: spec.program }),
    Cmd: spec.words,
    User: nobody,
    Env: spec.env,
    Labels: objects.labels("pipelock"),
    // The image's own check asks port 8888, where the gate is; the gate asks pipelock itself
    Healthcheck: { Test: ["NONE"] },
    HostConfig: {
      ...makeHardening({ memoryBytes: spec.memoryBytes, pids: spec.pids, looksUpNames: true }),
      ReadonlyRootfs: true,
      Init: false,
      NetworkMode: `container:${objects.names.gate}`,
      LogConfig: boundedLog,
      ...mountAll([configurationMount(objects, spec), ...authorityMounts(objects, spec, true)]),
    },
  };
}
