/** Fulfils the part of the contract that concerns joining, entering and ending running bottles, and files of theirs, for Docker. */
import type { IsAlive } from "../../../core/process-owner.ts";
import { stopContainer } from "../../../engine/containers.ts";
import type { Engine } from "../../../engine/engine.ts";
import { pickBottle } from "../../pick-bottle.ts";
import type { Copying } from "../../copying.ts";
import type { BottleSessions } from "../../sessions.ts";
import { listBottles } from "../leftovers.ts";
import { agentNameOf } from "../labels.ts";
import { readDetails } from "./bottle-details.ts";
import { copyInto, copyOutOf } from "./copy-files.ts";
import { enterBottle } from "./enter-bottle.ts";
import { joinBottle } from "./join-bottle.ts";

/** Claude writes its own record to the end when it is asked to go */
const graceSeconds = 3;

/** Connects when a method is called. */
export function makeBottleSessions(
  connect: () => Promise<Engine>,
  isAlive: IsAlive,
): BottleSessions & Copying {
  const find = async (typed: string) => {
    const engine = await connect();
    return { engine, bottle: pickBottle(await listBottles(engine, isAlive), typed) };
  };
  return {
    async join(request) {
      const { engine, bottle } = await find(request.bottle);
      return joinBottle(engine, bottle, request);
    },
    async enter(request) {
      const { engine, bottle } = await find(request.bottle);
      return enterBottle(engine, agentNameOf(bottle.name), request);
    },
    async copyOut(request, take) {
      const { engine, bottle } = await find(request.bottle);
      return copyOutOf(engine, bottle.name, request, take);
    },
    async copyIn(request) {
      const { engine, bottle } = await find(request.bottle);
      return copyInto(engine, bottle.name, request);
    },
    readDetails: async (name) => readDetails(await connect(), name, isAlive),
    endAgent: async (name) => stopContainer(await connect(), agentNameOf(name), graceSeconds),
  };
}
