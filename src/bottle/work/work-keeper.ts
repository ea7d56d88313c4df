/** Fulfils the part of the contract that concerns an agent's work. */
import type { WorkKeeper } from "../work.ts";
import { collectWork } from "./collect-work.ts";
import type { WorkPlace } from "./collect-work.ts";

export function makeWorkKeeper(place: WorkPlace): WorkKeeper {
  return {
    collectWork: (request, sink) => collectWork(place, request, sink),
    listWork: () => place.work.list(),
    discardWork: (session) => place.work.discard(session),
  };
}
