/** The Docker platform on an engine that a test has, and the product's steps on it as a test asks for them. */
import type { Bottle, LaunchOptions, ProbeVerdict } from "../../src/bottle/bottle.ts";
import { createDockerPlatform } from "../../src/bottle/docker/platform/docker-platform.ts";
import type { DockerOptions } from "../../src/bottle/docker/docker-options.ts";
import { makeGroundMaker } from "../../src/bottle/docker/ground.ts";
import type { GroundContext } from "../../src/bottle/docker/ground.ts";
import { makeImages } from "../../src/bottle/docker/images.ts";
import type { ImageSettings } from "../../src/bottle/image/image.ts";
import { launchBottle as launchOn } from "../../src/bottle/launch/launch-bottle.ts";
import type { LaunchChoice } from "../../src/bottle/launch/launch-bottle.ts";
import type { Images } from "../../src/bottle/platform/images.ts";
import type { Platform } from "../../src/bottle/platform/platform.ts";
import { verifyBottle as verifyOn } from "../../src/bottle/verify/verify-bottle.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { programCommand } from "../../src/sidecar/programs.ts";

export interface LaunchContext extends GroundContext, LaunchChoice {}

export function platformOn(engine: Engine, differences: Partial<DockerOptions> = {}): Platform {
  return createDockerPlatform({
    connect: () => Promise.resolve(engine),
    labels: { owner: { bootId: "b", pid: 1, startTime: "1" }, version: "0", extra: {} },
    probeCache: { read: () => Promise.resolve(undefined), write: () => Promise.resolve() },
    isAlive: () => Promise.resolve(true),
    readHostRoutes: () => Promise.resolve([]),
    endProcesses: () => Promise.resolve([]),
    readMemory: () => Promise.resolve(undefined),
    random: () => 0,
    ...differences,
  });
}

export function imagesOn(engine: Engine): Images {
  return makeImages(() => Promise.resolve(engine));
}

/** Every bottle runs this image, and nothing is read for it. */
export function givenImage(image: string): ImageSettings {
  return {
    image,
    baseImage: image,
    claudeVersion: "0",
    certificatesPath: undefined,
    readFile: () => Promise.reject(new Error("no Dockerfile")),
    readContext: () => Promise.reject(new Error("no build context")),
  };
}

export function launchBottle(
  engine: Engine,
  options: LaunchOptions,
  context: LaunchContext,
): Promise<Bottle> {
  return launchOn(makeGroundMaker(engine, context), options, context);
}

export function verifyBottle(
  engine: Engine,
  options: LaunchOptions,
  context: LaunchContext,
): Promise<readonly ProbeVerdict[]> {
  const maker = makeGroundMaker(engine, context);
  const choice = { ...context, command: programCommand };
  return verifyOn(maker.makeScene(options.plan), options, (probe) => launchOn(maker, probe, choice));
}
