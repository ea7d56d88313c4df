/** The ground of a bottle on the engine: its networks, its volumes, and a container for each part and each service. */
import type { Scope } from "../../core/scope.ts";
import { settleAll } from "../../core/settle.ts";
import { killAndRemoveContainer } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { connectNetwork, isAddressOverlap, listNetworks } from "../../engine/networks.ts";
import { createMemoryVolume, removeVolume } from "../../engine/volumes.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import type { AgentUser } from "../platform/agent-user.ts";
import type { Ground, GroundMaker, GroundRequest } from "../platform/ground.ts";
import type { CollectorSpec } from "../platform/work-storage.ts";
import { makeAgentConfig } from "./agent-config.ts";
import { createCheckedContainer, requireNetworks } from "./checked-create.ts";
import { endSidecar } from "./end-sidecar.ts";
import { makeParts } from "./find-parts.ts";
import { makeLabels, makeNames } from "./labels.ts";
import type { LabelContext, Labels, ObjectNames, Role } from "./labels.ts";
import { startOrEnd } from "./left-processes.ts";
import type { EndProcesses } from "./left-processes.ts";
import { beginNetworks, noRange } from "./networks.ts";
import type { BottleNetworks, NetworkRequest } from "./networks.ts";
import { countsApart } from "./own-counts.ts";
import { openPartEvents } from "./part-events.ts";
import { makeScene } from "./scene.ts";
import { makeFilterConfig, makeGateConfig, ownedBySidecar } from "./sidecar-config.ts";
import { beginServicesNetwork } from "./services-network.ts";
import { probeService } from "../platform/services.ts";
import type { ServiceImage } from "../platform/services.ts";
import { makeService } from "./services.ts";
import { makeStandbyCollector } from "./standby-collector.ts";
import { makeTreeMounts } from "./tree-mounts.ts";
import type { TreeMount } from "./tree-mounts.ts";
import { undoObject } from "./undo-object.ts";
import { createWorkVolumes } from "./work-volumes.ts";

/** What only the engine and its machine can tell, looked up before a launch. */
export interface GroundContext {
  readonly labels: LabelContext;
  readonly image: string;
  readonly imageId: string;
  readonly sidecarImage: string;
  readonly runtime: string | undefined;
  /** Of services, by name; those of the plan are all there */
  readonly serviceImages: ReadonlyMap<string, ServiceImage>;
  /** As `docker info` has them */
  readonly securityOptions: readonly string[];
  /** CIDRs that the host routes */
  readonly hostRoutes: readonly string[];
  readonly seed: number;
  readonly endProcesses: EndProcesses;
}

/** Spreads the attempts of one start over the address range */
const seedStep = 7919;

/** Makes grounds with the same images and the same runtime. */
export function makeGroundMaker(engine: Engine, context: GroundContext): GroundMaker {
  return {
    imageId: context.imageId,
    countsApart: countsApart(context),
    makeScene: (plan) => makeScene(engine, plan, context),
    layGround: (request) => layGround(engine, request, context),
    explain: (error) =>
      isAddressOverlap(error) ? { error: noRange(error), mayTryAgain: true } : { error, mayTryAgain: false },
    openEvents: (session, signal) => openPartEvents(engine, session, signal),
  };
}

async function layGround(
  engine: Engine,
  { plan, tree, collector, user, attempt, scope, work }: GroundRequest,
  context: GroundContext,
): Promise<Ground> {
  const names = makeNames(plan);
  const labels = (role: Role) => makeLabels(plan, role, context.labels);
  const seed = context.seed + attempt * seedStep;
  const request = { hostRoutes: context.hostRoutes, seed, names, labels };
  const [networks, treeMounts] = await settleAll([
    beginAllNetworks(engine, request, plan, scope),
    makeTreeMounts(engine, tree, { names, labels }, scope),
    // By the image's id: somebody else may collect, when the name means another image
    createWorkVolumes(
      engine,
      { names, labels, user, image: context.imageId, runtime: context.runtime },
      work,
    ),
  ]);
  return makeGround(engine, {
    ...context,
    context: context.labels,
    plan,
    spec: collector,
    names,
    labels,
    user,
    networks,
    treeMounts,
    scope,
  });
}

async function beginAllNetworks(
  engine: Engine,
  options: Omit<NetworkRequest, "present">,
  { services = [] }: BottlePlan,
  scope: Scope,
): Promise<BottleNetworks> {
  const request = { ...options, present: await listNetworks(engine) };
  const networks = beginNetworks(engine, request, scope);
  if (services.length === 0) return networks;
  return { ...networks, services: beginServicesNetwork(engine, request, networks, scope) };
}

interface Objects extends Omit<GroundContext, "labels"> {
  readonly plan: BottlePlan;
  readonly names: ObjectNames;
  readonly labels: (role: Role) => Labels;
  readonly spec: CollectorSpec;
  readonly context: LabelContext;
  readonly user: AgentUser;
  readonly networks: BottleNetworks;
  readonly treeMounts: readonly TreeMount[];
  readonly scope: Scope;
}

function makeGround(engine: Engine, objects: Objects): Ground {
  const { names, networks, scope } = objects;
  const parts = makeParts(engine, names);
  /** Of the agent's container, once it is made */
  let agentId = names.agent;
  const create = (name: string, config: Parameters<typeof createCheckedContainer>[2]) => {
    scope.add(undoObject("container", name), () => killAndRemoveContainer(engine, name));
    return createCheckedContainer(engine, name, config);
  };
  return {
    addresses: networks,
    parts: {
      ...parts,
      agent: {
        ...parts.agent,
        start: () => startOrEnd(engine, { name: names.agent, id: agentId }, objects.endProcesses),
      },
    },
    async makeAgent(spec) {
      agentId = await create(names.agent, makeAgentConfig(spec, objects));
      const { services } = networks;
      if (services)
        await connectNetwork(engine, await services.id, names.agent, { ipv4Address: services.agent });
    },
    makeService: (service) => makeServiceOf(engine, service, objects),
    async makeGate(spec) {
      if (spec.authorityFolder !== undefined) await createAuthorityVolume(engine, objects);
      await create(names.gate, makeGateConfig(objects.sidecarImage, spec, objects));
    },
    connectGate: async () =>
      connectNetwork(engine, await networks.egressId, names.gate, { ipv4Address: networks.egress.sidecar }),
    async makeFilter(spec) {
      await create(names.pipelock, makeFilterConfig(spec, objects));
    },
    internalReady: () => networks.internalId,
    networksReady: () => settleAll([networks.internalId, networks.egressId]),
    requireNetworks: () => requireBothNetworks(engine, names, networks),
    endSidecar: (end) => endSidecar(engine, names, networks, end),
    collector: makeStandbyCollector(engine, { ...objects, session: objects.plan.session }),
  };
}

/** The CA's key passes from gate to pipelock in memory; the launcher and the disk never have it. */
async function createAuthorityVolume(engine: Engine, { names, labels, scope }: Objects): Promise<void> {
  const name = names.caVolume;
  scope.add(undoObject("volume", name), () => removeVolume(engine, name));
  scope.nextGroup();
  await createMemoryVolume(engine, { name, options: ownedBySidecar, labels: labels("authority") });
}

/** The sidecar's image has what the probe of a verification runs on. */
function withProbe({ serviceImages, sidecarImage: id }: Objects): ReadonlyMap<string, ServiceImage> {
  const probe = { id, program: [], volumes: [], user: "", check: undefined };
  return new Map([...serviceImages, [probeService, probe]]);
}

function makeServiceOf(
  engine: Engine,
  service: Parameters<Ground["makeService"]>[0],
  objects: Objects,
): ReturnType<Ground["makeService"]> {
  const { networks, plan } = objects;
  if (!networks.services) throw new Error("A bottle without services has no network for them");
  return makeService(engine, service, {
    ...objects,
    network: networks.services,
    services: plan.services ?? [],
    images: withProbe(objects),
    keptData: { bottle: plan.bottle.name, context: objects.context },
  });
}

/** The agent is in its own network and in that of its services, and the gate in its own and on its way out. */
async function requireBothNetworks(
  engine: Engine,
  names: ObjectNames,
  networks: BottleNetworks,
): Promise<void> {
  const ids = await settleAll([networks.internalId, networks.egressId]);
  const services = networks.services ? [await networks.services.id] : [];
  await settleAll([
    requireNetworks(engine, names.agent, [ids[0], ...services]),
    requireNetworks(engine, names.gate, ids),
  ]);
}
