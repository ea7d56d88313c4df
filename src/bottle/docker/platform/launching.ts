/** From a plan to a running bottle, or to a verified one: image, filter and runtime first, then the launch. */
import { settleAll } from "../../../core/settle.ts";
import type { Engine } from "../../../engine/engine.ts";
import { readInfo } from "../../../engine/system.ts";
import { filterReleases } from "../../../plan/filter-releases.ts";
import type { RuntimePlan } from "../../../plan/plan.ts";
import type { Bottles } from "../../bottles.ts";
import type { LaunchOptions } from "../../bottle.ts";
import type { DockerOptions } from "../docker-options.ts";
import { readFilterVersion, requireLoadable } from "../filter-version.ts";
import { ensurePresent } from "../image.ts";
import { makeSessionLabels } from "../labels.ts";
import { launchBottle } from "../launch.ts";
import type { LaunchContext } from "../launch.ts";
import { prepareImages } from "../planned-image.ts";
import { requireDocker } from "../require-docker.ts";
import { probeRuntime } from "../runtime.ts";
import { verifyBottle } from "../verify/scene.ts";

/** The part of the contract that creates bottles. */
export function makeLaunching(
  connect: () => Promise<Engine>,
  options: DockerOptions,
): Pick<Bottles, "launch" | "verify"> {
  return {
    async launch(request) {
      const engine = await connect();
      return launchBottle(engine, request, await prepareLaunch(engine, request, options));
    },
    async verify(request) {
      const engine = await connect();
      return verifyBottle(engine, request, await prepareLaunch(engine, request, options));
    },
  };
}

/** Everything that a launch needs to be there, and what only the engine can tell. */
async function prepareLaunch(
  engine: Engine,
  { plan, progress, signal }: LaunchOptions,
  options: DockerOptions,
): Promise<LaunchContext> {
  requireDocker(engine);
  const [{ image, sidecarImage }, { SecurityOptions }] = await settleAll([
    prepareImages(engine, plan.image, options.image, { progress, signal }),
    readInfo(engine),
  ]);
  const filterVersion = await prepareFilter(engine, { plan, progress, signal }, options);
  const runtime =
    plan.runtime.state === "ready" ? plan.runtime : await probe(engine, image, plan.session, options);
  if (runtime.name !== plan.runtime.name) progress.detail(`Runtime: ${runtime.label}. ${runtime.reason}`);
  const hostRoutes = await options.readHostRoutes();
  return {
    labels: options.labels,
    image,
    sidecarImage,
    filterVersion,
    runtime: runtime.name,
    securityOptions: SecurityOptions,
    hostRoutes,
    seed: options.random(),
    endProcesses: options.endProcesses,
  };
}

/** Has pipelock's image there, and says which release it is. */
async function prepareFilter(
  engine: Engine,
  { plan, progress, signal }: Pick<LaunchOptions, "plan" | "progress" | "signal">,
  options: DockerOptions,
): Promise<string> {
  const image = plan.egress.pipelockImage;
  if (image === undefined) return filterReleases[0].version;
  await ensurePresent(engine, image, progress, signal);
  const version = await readFilterVersion(engine, image, {
    name: `claude-bottle-filter-version-${plan.session}`,
    labels: makeSessionLabels(plan.session, "probe", options.labels),
    signal,
  });
  requireLoadable(plan, version);
  return version;
}

function probe(engine: Engine, image: string, session: string, options: DockerOptions): Promise<RuntimePlan> {
  return probeRuntime(engine, options.probeCache, {
    image,
    name: `claude-bottle-probe-${session}`,
    labels: makeSessionLabels(session, "probe", options.labels),
    endProcesses: options.endProcesses,
  });
}
