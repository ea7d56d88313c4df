/** A launch on the engine. */
import type { Engine } from "../../engine/engine.ts";
import type { Bottle, LaunchOptions } from "../bottle.ts";
import { launchBottle as launchOn } from "../launch/launch-bottle.ts";
import type { LaunchChoice } from "../launch/launch-bottle.ts";
import { makeGroundMaker } from "./ground.ts";
import type { GroundContext } from "./ground.ts";

export interface LaunchContext extends GroundContext, LaunchChoice {}

/** Brings a bottle up to the point where claude waits for its environment. */
export function launchBottle(
  engine: Engine,
  options: LaunchOptions,
  context: LaunchContext,
): Promise<Bottle> {
  return launchOn(makeGroundMaker(engine, context), options, context);
}
