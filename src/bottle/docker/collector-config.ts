/** What a collector's container is: the bottle's own image, runtime and hardening over the work's volumes, and no network. */
import type { ContainerConfig } from "../../engine/containers.ts";
import { programCommand } from "../../sidecar/programs.ts";
import { renderUser } from "../platform/agent-user.ts";
import { makeHardening } from "./hardening.ts";
import type { Labels } from "./labels.ts";
import { mountFoundWork } from "./work-volumes.ts";
import type { FoundWork } from "./work-volumes.ts";

const mebibyte = 1024 * 1024;

/** `unlocks`: it may write, to make files readable that their owner has made unreadable. */
export function makeCollectorConfig(work: FoundWork, labels: Labels, unlocks: boolean): ContainerConfig {
  return {
    Image: work.image,
    Entrypoint: [],
    Cmd: programCommand,
    User: renderUser(work.user),
    WorkingDir: "/",
    Labels: labels,
    OpenStdin: true,
    StdinOnce: true,
    HostConfig: {
      ...makeHardening({ memoryBytes: 2048 * mebibyte, pids: 256, runtime: work.runtime }),
      ...mountFoundWork(work, labels, unlocks),
      NetworkMode: "none",
      LogConfig: { Type: "none", Config: {} },
      OomScoreAdj: 500,
    },
  };
}
