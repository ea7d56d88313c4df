/** The scene of a verification on the engine. */
import type { Engine } from "../../engine/engine.ts";
import { listContainerAddresses, readNetwork } from "../../engine/networks.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import type { Scene, SceneAddresses } from "../platform/scene.ts";
import { probeService } from "../platform/services.ts";
import { makeCanary } from "./canary.ts";
import { gvisor } from "./hardening.ts";
import { makeLabels, makeNames } from "./labels.ts";
import type { LabelContext, ObjectNames } from "./labels.ts";
import { nameService } from "./services.ts";
import { makeProgram } from "./part.ts";

interface SceneContext {
  readonly labels: LabelContext;
  readonly image: string;
  readonly runtime: string | undefined;
}

export function makeScene(engine: Engine, plan: BottlePlan, context: SceneContext): Scene {
  const subject = makeNames(plan);
  const labels = makeLabels(plan, "canary", context.labels);
  const { image } = context;
  return {
    isGvisor: context.runtime === gvisor,
    gateOf(bottle) {
      const { gate } = makeNames(bottle);
      return { name: gate, run: makeProgram(engine, gate).run };
    },
    serviceOf(bottle, service) {
      const name = nameService(makeNames(bottle), service);
      return { name, run: makeProgram(engine, name).run };
    },
    makeListener(place, options, scope) {
      const network = place === "host" ? "host" : subject.egress;
      return makeCanary(
        engine,
        { ...options, name: canaryName(subject, place), image, labels, network },
        scope,
      );
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
