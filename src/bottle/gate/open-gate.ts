/** The gate's beginning: its container runs, it has got program, policy and secrets, and it has proved what it runs. */
import { setTimeout } from "node:timers/promises";
import type { ProgramStream } from "../../core/byte-stream.ts";
import { BottleError } from "../../core/error.ts";
import { settleAll } from "../../core/settle.ts";
import { within } from "../../core/time/within.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import type { GateEvent } from "../../protocol/gate-events.ts";
import type { GateConfiguration } from "../../protocol/gate.ts";
import { renderGateInput } from "../../sidecar/programs.ts";
import { holdLifeline } from "../agent/lifeline.ts";
import type { Part } from "../platform/part.ts";
import { watchGate } from "./gate-events.ts";
import type { GateWatch } from "./gate-events.ts";
import type { GateMemory } from "./gate-memory.ts";

/** Both programs are ready within a second; a machine that swaps gets its time */
const readyMs = 120_000;
const endNoticeMs = 1_000;

export interface GateRequest {
  readonly plan: Pick<BottlePlan, "egress">;
  /** Made, and not started yet */
  readonly gate: Part;
  /** Where it listens, and whom alone it hears */
  readonly addresses: Required<Pick<GateConfiguration, "address" | "peer">>;
  readonly configuration: GateConfiguration;
}

/** A gate that runs, and the way to tell it more. */
export interface OpenGate {
  readonly stream: ProgramStream;
  readonly watch: GateWatch;
}

/** Who hears of it, and what is started behind it. */
export interface GateListeners {
  readonly memory: GateMemory;
  readonly onEvent: (event: GateEvent) => void;
  readonly startFilter: () => Promise<void>;
}

/** Joins the gate and starts it. One that fails may be tried again, and is joined again then. */
export async function openGate(request: GateRequest, parts: GateListeners): Promise<OpenGate> {
  const stream = await request.gate.attach({ hasTerminal: false });
  try {
    return { stream, watch: await startGate(request, stream, parts) };
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

/** Hands the gate program, policy and secrets, and waits until all is verified. */
async function startGate(
  { gate, plan, configuration, addresses }: GateRequest,
  stream: ProgramStream,
  { memory, onEvent, startFilter }: GateListeners,
): Promise<GateWatch> {
  const messages = [{ ...configuration, ...addresses }, ...memory.replay()];
  const watch = watchGate(stream.output, memory, onEvent);
  await gate.start();
  // One that ends before it has read all of it says why, too
  const send = async () => stream.write(renderGateInput(messages));
  await send().catch((error: unknown) => throwCause(error, watch));
  // A gate that was started again gets another; nothing in it would end the one it has
  const lifeline = holdLifeline(gate);
  const isReady = async () => {
    if (configuration.inspect) await within(readyMs, watch.authority, notInTime);
    if (plan.egress.filter === "pipelock")
      await within(readyMs, startFilter(), notInTime).catch((error: unknown) => throwCause(error, watch));
    await within(readyMs, watch.ready, notInTime);
  };
  await settleAll([isReady(), lifeline]);
  return watch;
}

/** What fails because the gate has ended, such as pipelock's start in its namespace: the gate says why, a moment later. */
async function throwCause(error: unknown, watch: GateWatch): Promise<never> {
  await Promise.race([watch.ready, setTimeout(endNoticeMs)]);
  throw error;
}

function notInTime(seconds: number): BottleError {
  return new BottleError({
    code: "sidecar",
    message: `Cannot start the sidecar: it runs, but is not ready after ${seconds} s`,
    hint: 'Check the engine with "claude-bottle doctor", and try again.',
  });
}
