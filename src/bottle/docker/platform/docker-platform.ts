/** The Docker platform: the port, on whatever speaks the Docker Engine API. */
import type { Engine } from "../../../engine/engine.ts";
import { answers, readInfo } from "../../../engine/system.ts";
import type { Platform } from "../../platform/platform.ts";
import type { DockerOptions } from "../docker-options.ts";
import { openDiagnosis } from "../doctor/open-diagnosis.ts";
import { findBottle, findParts } from "../find-parts.ts";
import { makeImages } from "../images.ts";
import { findLeftovers, listBottles, removeLeftovers } from "../leftovers.ts";
import { openPartEvents } from "../part-events.ts";
import { prepareGround } from "../prepare-ground.ts";
import { removeAtOnce, removeSession } from "../remove-session.ts";
import { requireDocker, requireLimits } from "../require-docker.ts";
import { runAlone } from "../run-alone.ts";
import { findKeptData } from "../services-data.ts";
import { findServices } from "../services.ts";
import { observeRuntime } from "../runtime.ts";
import { makeTreeStorage } from "../tree-storage.ts";
import { makeWorkStorage } from "../work-storage.ts";

/** A daemon that is starting takes connections before it answers */
const pingMs = 3_000;

/** Connects when a method is called, and once. */
export function createDockerPlatform(options: DockerOptions): Platform {
  const connect = connectOnce(options.connect);
  const { labels, isAlive } = options;
  return {
    capabilities: { runsAsOthers: true, resizes: true },
    images: makeImages(connect),
    work: makeWorkStorage(connect, labels, isAlive),
    trees: makeTreeStorage(connect, labels),
    leftovers: {
      find: async () => findLeftovers(await connect(), isAlive),
      findKeptData: async () => findKeptData(await connect()),
      remove: async (leftovers) => removeLeftovers(await connect(), leftovers),
      removeSession: async (session, { waits }) =>
        (waits ? removeSession : removeAtOnce)(await connect(), session),
    },
    isReachable: () =>
      connect().then(
        (engine) => answers(engine, pingMs),
        () => false,
      ),
    requireUsable: async () => requireDocker(await connect()),
    observe: async () => observe(await connect(), options),
    list: async () => listBottles(await connect(), isAlive),
    find: async (session) => findBottle(await connect(), session, options),
    findParts: async (session) => findParts(await connect(), session, options),
    findServices: async (session) => findServices(await connect(), session),
    openEvents: async (session, signal) => openPartEvents(await connect(), session, signal),
    prepareGround: async (request) => prepareGround(await connect(), request, options),
    runAlone: async (program) => runAlone(await connect(), program, labels),
    openDiagnosis: (request) => openDiagnosis(connect, options, request),
  };
}

/** What fails now may work in a moment. */
function connectOnce(connect: () => Promise<Engine>): () => Promise<Engine> {
  let connection: Promise<Engine> | undefined;
  return () =>
    (connection ??= connect().catch((error: unknown) => {
      connection = undefined;
      throw error;
    }));
}

/** One question: it costs the engine some milliseconds. */
async function observe(engine: Engine, { probeCache }: DockerOptions) {
  requireDocker(engine);
  const info = await readInfo(engine);
  const runtime = await observeRuntime(info, probeCache);
  requireLimits(engine, info);
  return { runtime, engine: `${info.ServerVersion} on ${engine.endpoint.shown}` };
}
