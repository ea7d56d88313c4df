/** The scene of a verification on the engine. */
import type { Engine } from "../../../engine/engine.ts";
import { listContainerAddresses, readNetwork } from "../../../engine/networks.ts";
import type { BottlePlan } from "../../../plan/plan.ts";
import { programCommand } from "../../../sidecar/programs.ts";
import type { LaunchOptions, ProbeVerdict } from "../../bottle.ts";
import type { Scene, SceneAddresses } from "../../platform/scene.ts";
import { verifyBottle as verifyOn } from "../../verify/verify-bottle.ts";
import { gvisor } from "../hardening.ts";
import { makeLabels, makeNames } from "../labels.ts";
import type { ObjectNames } from "../labels.ts";
import { launchBottle } from "../launch.ts";
import type { LaunchContext } from "../launch.ts";
import { makeProgram } from "../part.ts";
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
  const own = { ...context, command: programCommand };
  return {
    isGvisor: context.runtime === gvisor,
    launch: (options) => launchBottle(engine, options, own),
    gateOf(bottle) {
      const { gate } = makeNames(bottle);
      return { name: gate, run: makeProgram(engine, gate).run };
    },
    makeListener(place, { hearsNames }, scope) {
      const network = place === "host" ? "host" : subject.egress;
      const name = canaryName(subject, place);
      return makeCanary(engine, { name, image: context.image, labels, network, hearsNames }, scope);
    },
    readAddresses: (sibling) => readAddresses(engine, subject, makeNames(sibling)),
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

function canaryName({ stem }: Pick<ObjectNames, "stem">, place: string): string {
  return `${stem}-${place}`;
}
