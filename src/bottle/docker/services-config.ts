/** How a service's container is asked of the engine: the walls of every container of a bottle, and room for what a database writes. */
import type { ContainerConfig, HostConfig } from "../../engine/containers.ts";
import type { ServicePlan } from "../../plan/plan.ts";
import { deadDns, makeHardening } from "./hardening.ts";
import { labelKeys } from "./labels.ts";
import type { Labels, ObjectNames } from "./labels.ts";
import type { ServiceImage } from "../platform/services.ts";
import { boundedLog } from "./sidecar-config.ts";

/**
 * What an entry program needs to give its data folder to a user and to continue as that user. No program in the container can gain more.
 */
const serviceCapabilities = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"] as const;

const mebibyte = 1024 * 1024;
/** Of `/tmp` and of `/run` */
const scratchBytes = 64 * mebibyte;

export interface ServiceContainer {
  readonly names: ObjectNames;
  readonly labels: Labels;
  readonly image: ServiceImage;
  readonly runtime: string | undefined;
  /** Of all services of the bottle, by name */
  readonly addresses: ReadonlyMap<string, string>;
  /** Volumes for its data, by folder, if that is kept */
  readonly kept: ReadonlyMap<string, string>;
}

/** In the network of the services alone, without a resolver and without a way out. */
export function makeServiceConfig(service: ServicePlan, container: ServiceContainer): ContainerConfig {
  const { names, labels, image, addresses } = container;
  const { name, limits, env, command } = service;
  const ready = service.ready ?? image.check;
  return {
    Image: image.id,
    ...(image.program && { Entrypoint: image.program }),
    ...(command && { Cmd: command }),
    Env: env.map((one) => `${one.name}=${one.value}`),
    Hostname: name,
    Labels: {
      ...labels,
      [labelKeys.service]: name,
      ...(ready && { [labelKeys.ready]: JSON.stringify(ready) }),
    },
    // What says that it is ready is asked by the launcher, as often as it likes
    Healthcheck: { Test: ["NONE"] },
    HostConfig: {
      ...makeHardening({
        ...limits,
        // What is in memory counts as memory
        memoryBytes: limits.memoryBytes + (service.keepKey === undefined ? service.dataBytes : 0),
        runtime: container.runtime,
      }),
      CapAdd: serviceCapabilities,
      // An init would be root without the right to signal a program that has become another user, so none could be asked to end
      Init: false,
      ...deadDns,
      ReadonlyRootfs: true,
      NetworkMode: names.services,
      ExtraHosts: [...addresses].filter(([other]) => other !== name).map(([other, at]) => `${other}:${at}`),
      LogConfig: boundedLog,
      OomScoreAdj: 500,
      ...makeRoom(service, container),
    },
    NetworkingConfig: {
      EndpointsConfig: { [names.services]: { IPAMConfig: { IPv4Address: addresses.get(name) ?? "" } } },
    },
  };
}

/** All that it can write to. */
function makeRoom(service: ServicePlan, { image, kept }: ServiceContainer): HostConfig {
  const inMemory = [...image.volumes, ...service.writable].filter((folder) => !kept.has(folder));
  const owned = `rw,nosuid,nodev,noexec,size=${service.dataBytes},${ownerOf(image.user)}`;
  const scratch = `rw,nosuid,nodev,exec,size=${scratchBytes},mode=1777`;
  return {
    Tmpfs: {
      "/tmp": scratch,
      "/run": scratch,
      ...Object.fromEntries(inMemory.map((folder) => [folder, owned])),
    },
    ...(kept.size > 0 && {
      Mounts: [...kept].map(([Target, Source]) => ({ Type: "volume", Source, Target, ReadOnly: false })),
    }),
  };
}

/** Root's, for an entry program that hands it on; else whose the image's programs are. A name is known inside only. */
function ownerOf(user: string): string {
  const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(user) ?? [];
  if (user === "" || uid === "0" || user === "root") return "mode=0755";
  return uid === undefined ? "mode=1777" : `mode=0755,uid=${uid},gid=${gid ?? 0}`;
}
