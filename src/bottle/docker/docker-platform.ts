/** The port of running bottles, by the Docker Engine API. */
import type { IsAlive } from "../../core/process-owner.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Platform } from "../platform/platform.ts";
import { findParts } from "./find-parts.ts";
import { listBottles } from "./leftovers.ts";
import { openPartEvents } from "./part-events.ts";

/** Connects when a method is called. */
export function makeDockerPlatform(connect: () => Promise<Engine>, isAlive: IsAlive): Platform {
  return {
    capabilities: { runsAsOthers: true, resizes: true },
    list: async () => listBottles(await connect(), isAlive),
    openEvents: async (session, signal) => openPartEvents(await connect(), session, signal),
    findParts: async (session) => findParts(await connect(), session),
  };
}
