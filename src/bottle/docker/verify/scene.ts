/** The scene of a verification on the engine. */
import type { Engine } from "../../../engine/engine.ts";
import { listContainerAddresses, readNetwork } from "../../../engine/networks.ts";
import type { BottlePlan } from "../../../plan/plan.ts";
import { programCommand } from "../../../sidecar/programs.ts";
import type { LaunchOptions, ProbeVerdict } from "../../bottle.ts";
import type { Scene, SceneAddresses } from "../../verify/scene.ts";
import { probeService } from "../../verify/services-probes.ts";
import { verifyBottle as verifyOn } from "../../verify/verify-bottle.ts";
import { gvisor } from "../hardening.ts";
import { makeLabels, makeNames } from "../labels.ts";
import type { ObjectNames } from "../labels.ts";
import { launchBottle } from "../launch.ts";
import type { LaunchContext } from "../launch.ts";
import { makeProgram } from "../part.ts";
import { nameService } from "../services.ts";
import { makeCanary } from "./canary.ts";

/** Brings everything up, tries everything, and undoes everything, whatever happens. */
export function verifyBottle(
  engine: Engine,
  options: LaunchOptions,
  context: LaunchContext,
): Promise<readonly ProbeVerdict[]> {
  return verifyOn(makeScene(engine, options.plan, context), options);
}

function makeScene(engine: Engine, plan: BottlePlan, context: LaunchContext): Scene {
  const subject = makeNames(plan);
  const labels = makeLabels(plan, "canary", context.labels);
  // The sidecar's image has what the probe runs on
  const probe = { id: context.sidecarImage, program: [], volumes: [], user: "", check: undefined };
  const serviceImages = new Map([...context.serviceImages, [probeService, probe]]);
  const own = { ...context, serviceImages, command: programCommand };
  return {
    isGvisor: context.runtime === gvisor,
    launch: (options) => launchBottle(engine, options, own),
    gateOf(bottle) {
      const { gate } = makeNames(bottle);
      return { name: gate, run: makeProgram(engine, gate).run };
    },
    serviceOf(bottle, service) {
      const name = nameService(makeNames(bottle), service);
      return { name, run: makeProgram(engine, name).run };
    },
    makeListener(place, { hearsNames }, scope) {
      const network = place === "host" ? "host" : subject.egress;
      const name = canaryName(subject, place);
      return makeCanary(engine, { name, image: context.image, labels, network, hearsNames }, scope);
    },
    async readAddresses(sibling) {
      const addresses = await readAddresses(engine, subject, makeNames(sibling));
      if (!plan.services) return addresses;
      const services = await readServicesAddresses(engine, subject, makeNames(sibling));
      return { ...addresses, services, gateways: [...addresses.gateways, ...services.gateways] };
    },
  };
}

/** As the engine tells them. */
export async function readAddresses(
  engine: Engine,
  subject: Pick<ObjectNames, "stem" | "gate" | "internal" | "egress">,
  sibling: Pick<ObjectNames, "agent" | "gate" | "internal">,
): Promise<SceneAddresses> {
  const [internal, out, inside, outside, other] = await Promise.all([
    readNetwork(engine, subject.internal),
    readNetwork(engine, subject.egress),
    listContainerAddresses(engine, subject.internal),
    listContainerAddresses(engine, subject.egress),
    listContainerAddresses(engine, sibling.internal),
  ]);
  return {
    gateways: [...internal.gateways, ...out.gateways],
    gate: inside.get(subject.gate) ?? "",
    egress: outside.get(canaryName(subject, "egress")) ?? "",
    sibling: { agent: other.get(sibling.agent) ?? "", gate: other.get(sibling.gate) ?? "" },
  };
}

async function readServicesAddresses(
  engine: Engine,
  subject: ObjectNames,
  sibling: ObjectNames,
): Promise<NonNullable<SceneAddresses["services"]> & { readonly gateways: readonly string[] }> {
  const [{ gateways }, own, other] = await Promise.all([
    readNetwork(engine, subject.services),
    listContainerAddresses(engine, subject.services),
    listContainerAddresses(engine, sibling.services),
  ]);
  return {
    gateways,
    agent: own.get(subject.agent) ?? "",
    sibling: {
      agent: other.get(sibling.agent) ?? "",
      probe: other.get(nameService(sibling, probeService)) ?? "",
    },
  };
}

function canaryName({ stem }: Pick<ObjectNames, "stem">, place: string): string {
  return `${stem}-${place}`;
}
