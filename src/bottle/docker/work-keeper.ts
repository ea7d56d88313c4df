/** Fulfils the part of the contract that concerns an agent's work, for Docker. */
import type { IsAlive } from "../../core/process-owner.ts";
import type { Engine } from "../../engine/engine.ts";
import type { WorkKeeper } from "../work.ts";
import { collectWork } from "./collect.ts";
import type { LabelContext } from "./labels.ts";
import { discardWork } from "./remove-session.ts";
import { listKeptWork } from "./work-volumes.ts";

/** Connects when a method is called. */
export function makeWorkKeeper(
  connect: () => Promise<Engine>,
  labels: LabelContext,
  isAlive: IsAlive,
): WorkKeeper {
  return {
    collectWork: async (request, sink) => collectWork(await connect(), request, sink, labels),
    listWork: async () => listKeptWork(await connect(), isAlive),
    discardWork: async (session) => discardWork(await connect(), session),
  };
}
