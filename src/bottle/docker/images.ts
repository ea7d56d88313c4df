/** Images on the engine, as the port has them. */
import { commandLine } from "../../core/shell-quote.ts";
import { buildImage, isStepRemoved } from "../../engine/build-image.ts";
import type { Engine } from "../../engine/engine.ts";
import { findImage, listImages, pullImage } from "../../engine/images.ts";
import { describeImage } from "./services-images.ts";
import type { Images } from "../platform/images.ts";

/** Connects when a method is called. */
export function makeImages(connect: () => Promise<Engine>): Images {
  return {
    find: async (reference) => findImage(await connect(), reference),
    describe: async (reference) => describeImage(await connect(), reference),
    list: async (label) => listImages(await connect(), label),
    pull: async (reference, tell, signal) => pullImage(await connect(), reference, tell, signal),
    async build({ pack, ...request }, tell) {
      const engine = await connect();
      const { tar: context, dockerfile } = await pack(engine.builderVersion);
      await buildImage(engine, { ...request, context, dockerfile }, tell);
    },
    pullCommand: (reference) => commandLine`docker pull ${reference}`,
    inspectCommand: () => "docker image inspect",
    mayBuildAgain: isStepRemoved,
  };
}
