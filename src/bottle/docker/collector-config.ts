/** What a collector's container is: the bottle's own image, runtime and hardening over the work's volumes, and no network. */
import type { ContainerConfig } from "../../engine/containers.ts";
import { renderUser } from "../platform/agent-user.ts";
import type { CollectorSpec } from "../platform/work-storage.ts";
import { makeHardening } from "./hardening.ts";
import type { Labels } from "./labels.ts";
import { mountFoundWork } from "./work-volumes.ts";
import type { FoundWork } from "./work-volumes.ts";

/** `mayWrite`: to make files readable that their owner has made unreadable. */
export function makeCollectorConfig(
  { command, folders, memoryBytes, pids }: CollectorSpec,
  work: FoundWork,
  { labels, mayWrite }: { readonly labels: Labels; readonly mayWrite: boolean },
): ContainerConfig {
  return {
    Image: work.image,
    Entrypoint: [],
    Cmd: command,
    User: renderUser(work.user),
    WorkingDir: "/",
    Labels: labels,
    OpenStdin: true,
    StdinOnce: true,
    HostConfig: {
      ...makeHardening({ memoryBytes, pids, runtime: work.runtime }),
      ...mountFoundWork(work, folders, { labels, mayWrite }),
      NetworkMode: "none",
      LogConfig: { Type: "none", Config: {} },
      OomScoreAdj: 500,
    },
  };
}
