/** Starts the two programs of a sidecar whose parts are there, and brings them back. Neither is trusted until it has said that it runs what we wrote. */
import { inTime } from "../../core/time/within.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import type { GateEvent } from "../../protocol/gate-events.ts";
import { restartPipelock } from "../filter/pipelock-control.ts";
import { startPipelock } from "../filter/start-pipelock.ts";
import { GateMemory } from "../gate/gate-memory.ts";
import { openGate } from "../gate/open-gate.ts";
import type { GateRequest } from "../gate/open-gate.ts";
import type { Sidecar } from "../gate/sidecar.ts";
import type { Part } from "../platform/part.ts";

/** A gate that is asked to end does so at once, unless it hangs */
const settlePatienceMs = 2_000;

export interface SidecarOpening extends GateRequest {
  readonly plan: BottlePlan;
  /** Of pipelock, as its image says */
  readonly filterVersion: string;
}

/** Resolves when both programs have proved what they run. `pipelock` is not used by a plan without it. */
export async function openSidecar(request: SidecarOpening, pipelock: Part): Promise<Sidecar> {
  const memory = new GateMemory();
  const listeners: ((event: GateEvent) => void)[] = [];
  const onEvent = (event: GateEvent) => listeners.forEach((one) => one(event));
  const open = (startFilter: () => Promise<void>, isAgain = false) => {
    const configuration = isAgain ? { ...request.configuration, isAgain } : request.configuration;
    return openGate({ ...request, configuration }, { memory, onEvent, startFilter });
  };
  let current = await open(() => startPipelock(pipelock, request.plan, request.filterVersion));
  return {
    authority: () => current.watch.authority,
    refused: () => memory.refused(),
    seen: () => ({ reached: memory.reached(), refused: memory.refused(), secrets: memory.secrets() }),
    secrets: () => memory.secrets(),
    isTokenRefused: () => memory.isTokenRefused(),
    send: async (message) => current.stream.write(`${JSON.stringify(message)}\n`),
    settled: async () => void (await inTime(settlePatienceMs, current.watch.ended)),
    listen: (listener) => void listeners.push(listener),
    async startAgain(part) {
      if (part === "pipelock") return restartPipelock(pipelock);
      current.stream.destroy();
      await request.gate.stop(0);
      current = await open(() => restartPipelock(pipelock), true);
    },
  };
}
