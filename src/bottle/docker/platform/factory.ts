/** The Docker platform: fulfils the bottle contract on whatever speaks the Docker Engine API. */
import type { Engine } from "../../../engine/engine.ts";
import { answers, readInfo } from "../../../engine/system.ts";
import type { Bottles } from "../../bottles.ts";
import { makeBottleSessions } from "../../running/bottle-sessions.ts";
import { makeLiveBottles } from "../../running/live-bottles.ts";
import type { DockerOptions } from "../docker-options.ts";
import { makeDockerPlatform } from "../docker-platform.ts";
import { makeDiagnosing } from "../doctor/diagnose.ts";
import { observeImage } from "../image.ts";
import { findLeftovers, removeLeftovers } from "../leftovers.ts";
import { findOldImages } from "../old-images.ts";
import { makeBuilding } from "../planned-image.ts";
import { removeAtOnce, removeSession } from "../remove-session.ts";
import { requireDocker, requireLimits } from "../require-docker.ts";
import { observeRuntime } from "../runtime.ts";
import { makeWorkKeeper } from "../work-keeper.ts";
import { makeLaunching } from "./launching.ts";

/** A daemon that is starting takes connections before it answers */
const pingMs = 3_000;

/** Makes the bottles. The engine is connected to once. */
export function createDockerBottles(options: DockerOptions): Bottles {
  let connection: Promise<Engine> | undefined;
  // What fails now may work in a moment
  const connect = () =>
    (connection ??= options.connect().catch((error: unknown) => {
      connection = undefined;
      throw error;
    }));
  const launching = makeLaunching(connect, options);
  const platform = makeDockerPlatform(connect, options.isAlive);
  return {
    isReachable: () =>
      connect().then(
        (engine) => answers(engine, pingMs),
        () => false,
      ),

    async observe(request) {
      const engine = await connect();
      requireDocker(engine);
      // Asked once: it costs the engine some milliseconds
      const answer = readInfo(engine);
      const [image, runtime, info] = await Promise.all([
        observeImage(engine, request, options.image),
        answer.then((known) => observeRuntime(known, options.probeCache)),
        answer,
      ]);
      requireLimits(engine, info);
      return { image, runtime, engine: `${info.ServerVersion} on ${engine.endpoint.shown}` };
    },

    ...makeBuilding(connect, options.image),
    ...launching,
    ...makeDiagnosing(connect, options, launching.verify),
    ...makeLiveBottles(platform),
    ...makeBottleSessions(platform),
    list: platform.list,
    findOldImages: async (needed) => findOldImages(await connect(), needed, options.image),
    findLeftovers: async () => findLeftovers(await connect(), options.isAlive),
    removeSession: async (session, options) =>
      (options?.waits === false ? removeAtOnce : removeSession)(await connect(), session),
    ...makeWorkKeeper(connect, options.labels, options.isAlive),
    removeLeftovers: async (leftovers) => removeLeftovers(await connect(), leftovers),
  };
}
