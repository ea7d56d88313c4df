/** What only the engine and its machine can tell before a launch: the runtime, its security options, the image's id, and the host's routes. */
import { settleAll } from "../../core/settle.ts";
import type { Engine } from "../../engine/engine.ts";
import { findImage } from "../../engine/images.ts";
import { readInfo } from "../../engine/system.ts";
import type { RuntimePlan } from "../../plan/plan.ts";
import type { GroundMaker } from "../platform/ground.ts";
import type { SiteRequest } from "../platform/platform.ts";
import type { DockerOptions } from "./docker-options.ts";
import { makeGroundMaker } from "./ground.ts";
import { makeSessionLabels } from "./labels.ts";
import { probeRuntime } from "./runtime.ts";

/** Tries the runtime if the plan could not know it yet. */
export async function prepareGround(
  engine: Engine,
  { plan, image, sidecarImage, serviceImages, progress }: SiteRequest,
  options: DockerOptions,
): Promise<GroundMaker> {
  const [runtime, { SecurityOptions }, found, hostRoutes] = await settleAll([
    chooseRuntime(engine, { plan, image }, options),
    readInfo(engine),
    findImage(engine, image),
    options.readHostRoutes(),
  ]);
  if (runtime.name !== plan.runtime.name) progress.detail(`Runtime: ${runtime.label}. ${runtime.reason}`);
  return makeGroundMaker(engine, {
    labels: options.labels,
    image,
    imageId: found?.id ?? image,
    sidecarImage,
    serviceImages,
    runtime: runtime.name,
    securityOptions: SecurityOptions,
    hostRoutes,
    seed: options.random(),
    endProcesses: options.endProcesses,
  });
}

async function chooseRuntime(
  engine: Engine,
  { plan: { runtime, session }, image }: Pick<SiteRequest, "plan" | "image">,
  options: DockerOptions,
): Promise<RuntimePlan> {
  if (runtime.state === "ready") return runtime;
  return probeRuntime(engine, options.probeCache, {
    image,
    name: `claude-bottle-probe-${session}`,
    labels: makeSessionLabels(session, "probe", options.labels),
    endProcesses: options.endProcesses,
  });
}
