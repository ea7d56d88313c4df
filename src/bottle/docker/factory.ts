/** The Docker platform: fulfils the bottle contract on whatever speaks the Docker Engine API. */
import type { BottleFactory } from "../bottle.ts";
import type { Engine } from "../../engine/engine.ts";
import { readInfo } from "../../engine/system.ts";
import { ensureImage, ensurePresent, observeImage } from "./image.ts";
import type { ImageSettings } from "./image.ts";
import { labelKeys, labelSchema, renderOwner } from "./labels.ts";
import type { LabelContext } from "./labels.ts";
import { launchBottle } from "./launch.ts";
import { findLeftovers, listBottles, removeLeftovers } from "./leftovers.ts";
import type { IsAlive } from "./leftovers.ts";
import { removeSession } from "./remove-session.ts";
import { observeRuntime, probeRuntime } from "./runtime.ts";
import type { ProbeCache } from "./runtime.ts";

export interface DockerOptions {
  /** Connects on first use, so that commands that need no engine need none */
  readonly connect: () => Promise<Engine>;
  readonly image: ImageSettings;
  readonly labels: LabelContext;
  readonly probeCache: ProbeCache;
  readonly isAlive: IsAlive;
  /** CIDRs that the host routes; empty where they cannot be read */
  readonly readHostRoutes: () => Promise<readonly string[]>;
  /** A random whole number */
  readonly random: () => number;
}

/** Makes the factory. The engine is connected to once. */
export function createDockerFactory(options: DockerOptions): BottleFactory {
  let connection: Promise<Engine> | undefined;
  const connect = () => (connection ??= options.connect());
  return {
    async observe(request) {
      const engine = await connect();
      // Asked once: it costs the engine some milliseconds
      const answer = readInfo(engine);
      const [image, runtime, info] = await Promise.all([
        observeImage(engine, request, options.image),
        answer.then((known) => observeRuntime(known, options.probeCache)),
        answer,
      ]);
      return { image, runtime, engine: `${info.ServerVersion} on ${engine.endpoint.shown}`, warnings: [] };
    },

    async buildImage(request, build) {
      return ensureImage(await connect(), request, options.image, build);
    },

    async launch(launch) {
      const engine = await connect();
      const { plan, progress, signal } = launch;
      const request = { dockerfile: plan.image.dockerfile };
      const image =
        plan.image.state === "exists"
          ? plan.image.reference
          : await ensureImage(engine, request, options.image, { force: false, progress, signal });
      if (plan.egress.pipelockImage !== undefined)
        await ensurePresent(engine, plan.egress.pipelockImage, progress, signal);
      const runtime =
        plan.runtime.state === "ready" ? plan.runtime : await probe(engine, image, plan.session);
      if (runtime.name !== plan.runtime.name) progress.detail(`Runtime: ${runtime.label}. ${runtime.reason}`);
      const hostRoutes = await options.readHostRoutes();
      return launchBottle(engine, launch, {
        labels: options.labels,
        image,
        runtime: runtime.name,
        hostRoutes,
        seed: options.random(),
      });
    },

    list: async () => listBottles(await connect(), options.isAlive),
    findLeftovers: async () => findLeftovers(await connect(), options.isAlive),
    removeSession: async (session) => removeSession(await connect(), session),
    removeLeftovers: async (leftovers) => removeLeftovers(await connect(), leftovers),
  };

  function probe(engine: Engine, image: string, session: string) {
    const labels = {
      ...options.labels.extra,
      [labelKeys.schema]: labelSchema,
      [labelKeys.session]: session,
      [labelKeys.role]: "probe",
      [labelKeys.owner]: renderOwner(options.labels.owner),
    };
    return probeRuntime(engine, options.probeCache, {
      image,
      name: `claude-bottle-probe-${session}`,
      labels,
    });
  }
}
