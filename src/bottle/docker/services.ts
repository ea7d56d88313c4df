/** The services of a bottle as containers. */
import type { Scope } from "../../core/scope.ts";
import { killAndRemoveContainer, listContainers, stopContainer } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ServicePlan } from "../../plan/plan.ts";
import type { FoundService } from "../platform/services.ts";
import { createCheckedContainer, requireNetworks } from "./checked-create.ts";
import { labelKeys } from "./labels.ts";
import type { Labels, ObjectNames, Role } from "./labels.ts";
import { startOrEnd } from "./left-processes.ts";
import type { EndProcesses } from "./left-processes.ts";
import { makeProgram } from "./part.ts";
import { claimKeptData, nameKeptData } from "./services-data.ts";
import type { KeptDataContext } from "./services-data.ts";
import { makeServiceConfig } from "./services-config.ts";
import type { ServiceImage } from "../platform/services.ts";
import type { ServicesNetwork } from "./networks.ts";
import { undoObject } from "./undo-object.ts";

const graceSeconds = 10;

export interface ServicesObjects {
  readonly names: ObjectNames;
  readonly labels: (role: Role) => Labels;
  readonly network: ServicesNetwork;
  readonly services: readonly ServicePlan[];
  /** By the service's name */
  readonly images: ReadonlyMap<string, ServiceImage>;
  readonly runtime: string | undefined;
  readonly keptData: KeptDataContext;
  readonly endProcesses: EndProcesses;
  readonly scope: Scope;
}

/** Addresses by the names of services, in the manifest's order. */
export function addressServices(
  services: readonly ServicePlan[],
  { services: addresses }: Pick<ServicesNetwork, "services">,
): ReadonlyMap<string, string> {
  return new Map(services.map(({ name }, index) => [name, addresses[index] ?? ""]));
}

/** Makes its container, in its network alone, and does not start it. */
export async function makeService(
  engine: Engine,
  service: ServicePlan,
  objects: ServicesObjects,
): Promise<FoundService> {
  const { names, network, scope, runtime } = objects;
  const image = objects.images.get(service.name);
  if (!image) throw new Error(`The image of service ${service.name} was not looked at`);
  const name = nameService(names, service.name);
  const networkId = await network.id;
  const kept = await nameKeptData(engine, service, image, objects.keptData);
  scope.add(undoObject("container", name), async () => {
    // A database that is killed has to repair its data at its next start
    if (service.keepKey !== undefined) await stopContainer(engine, name, graceSeconds).catch(() => undefined);
    await killAndRemoveContainer(engine, name);
  });
  const config = makeServiceConfig(service, {
    names,
    labels: { ...objects.labels("service"), ...kept.labels },
    image,
    runtime,
    addresses: addressServices(objects.services, network),
    kept: kept.volumes,
  });
  const id = await createCheckedContainer(engine, name, config);
  await claimKeptData(engine, service, kept, id);
  return {
    name: service.name,
    ready: service.ready ?? image.check,
    part: {
      ...makeProgram(engine, name),
      isRunning: false,
      async start() {
        await startOrEnd(engine, { name, id }, objects.endProcesses);
        // The engine tells only then where it has landed
        await requireNetworks(engine, name, [networkId]);
      },
    },
  };
}

/** By their labels, whether they run or not. */
export async function findServices(engine: Engine, session: string): Promise<FoundService[]> {
  const labels = [`${labelKeys.session}=${session}`, `${labelKeys.role}=service`];
  return (await listContainers(engine, labels)).map(({ Id, State, Labels: found }) => ({
    name: found[labelKeys.service] ?? "",
    ready: readCommand(found[labelKeys.ready]),
    part: { ...makeProgram(engine, Id), isRunning: State === "running" },
  }));
}

export function nameService({ stem }: Pick<ObjectNames, "stem">, service: string): string {
  return `${stem}-service-${service}`;
}

/** Written by a launcher; whoever can write labels has the engine anyway. */
function readCommand(label: string | undefined): readonly string[] | undefined {
  if (label === undefined) return undefined;
  const words: unknown = JSON.parse(label);
  return Array.isArray(words) && words.every((word) => typeof word === "string") ? words : undefined;
}
