/** How the agent's container is asked of the engine. */
import type { ContainerConfig } from "../../engine/containers.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import { renderUser } from "../platform/agent-user.ts";
import type { AgentUser } from "../platform/agent-user.ts";
import type { AgentSpec } from "../platform/ground.ts";
import { deadDns, makeHardening, noForwarding } from "./hardening.ts";
import { addressServices } from "./services.ts";
import type { BottleObjects } from "./sidecar-config.ts";
import type { TreeMount } from "./tree-mounts.ts";
import { mountWork } from "./work-volumes.ts";

export interface AgentContainer extends BottleObjects {
  readonly plan: BottlePlan;
  readonly image: string;
  readonly user: AgentUser;
  readonly runtime: string | undefined;
  /** Folders of a setup */
  readonly treeMounts: readonly TreeMount[];
}

/** In its internal network alone, without a resolver, over the volumes that hold its work. */
export function makeAgentConfig(spec: AgentSpec, container: AgentContainer): ContainerConfig {
  const { plan, names, labels, networks, image, user, runtime, treeMounts } = container;
  return {
    Image: image,
    ...(spec.program && { Entrypoint: spec.program }),
    Cmd: spec.words,
    User: renderUser(user),
    WorkingDir: spec.workingDir,
    Hostname: plan.bottleName.slice(0, 63),
    Env: spec.env,
    Labels: labels("agent"),
    Tty: plan.hasTerminal,
    OpenStdin: true,
    StdinOnce: !plan.hasTerminal,
    HostConfig: {
      ...makeHardening({ ...plan.limits, runtime }),
      ...deadDns,
      Mounts: [...mountWork(names, spec.workFolders), ...treeMounts],
      NetworkMode: names.internal,
      ExtraHosts: [
        ...spec.gateNames.map((name) => `${name}:${networks.internal.sidecar}`),
        ...(networks.services ? [...addressServices(plan.services ?? [], networks.services)] : []).map(
          ([name, address]) => `${name}:${address}`,
        ),
      ],
      // It has a leg in each of two networks then
      ...(networks.services && { Sysctls: noForwarding }),
      // Its terminal is the user's screen: the engine stores nothing of it
      LogConfig: { Type: "none", Config: {} },
      // When memory ends on the host, the agent goes before its sidecar and everything else
      OomScoreAdj: 500,
    },
    NetworkingConfig: {
      EndpointsConfig: { [names.internal]: { IPAMConfig: { IPv4Address: networks.internal.agent } } },
    },
  };
}
