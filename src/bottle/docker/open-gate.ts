/** The gate's beginning: its container runs, it has got program, policy and secrets, and it has proved what it runs. */
import type { GateEvent } from "../../protocol/gate-events.ts";
import type { ByteStream } from "../../core/byte-stream.ts";
import { setTimeout } from "node:timers/promises";
import { BottleError } from "../../core/error.ts";
import { attachContainer, startContainer } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { demultiplex } from "../../engine/frames.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import type { GateConfiguration } from "../../protocol/gate.ts";
import { renderGateInput } from "../../sidecar/programs.ts";
import { watchGate } from "../gate/gate-events.ts";
import type { GateWatch } from "../gate/gate-events.ts";
import type { GateMemory } from "../gate/gate-memory.ts";
import type { ObjectNames } from "./labels.ts";
import { holdLifeline } from "./lifeline.ts";
import type { BottleNetworks } from "./networks.ts";
import { settleAll } from "../../core/settle.ts";
import { within } from "../../core/time/within.ts";

/** Nobody: gate and pipelock run without a name, a home or a capability */
export const sidecarUser = "65532:65532";
/** Both programs are ready within a second; a machine that swaps gets its time */
const readyMs = 120_000;
const endNoticeMs = 1_000;

export interface GateRequest {
  readonly plan: BottlePlan;
  readonly names: ObjectNames;
  readonly networks: BottleNetworks;
  readonly configuration: GateConfiguration;
}

/** A gate that runs, and the way to tell it more. */
export interface OpenGate {
  readonly stream: ByteStream;
  readonly watch: GateWatch;
}

/** Who hears of it, and what is started behind it. */
export interface GateListeners {
  readonly memory: GateMemory;
  readonly onEvent: (event: GateEvent) => void;
  readonly startFilter: () => Promise<void>;
}

/** Attaches to the gate's container and starts it. One that fails may be tried again, and is attached to anew then. */
export async function openGate(
  engine: Engine,
  request: GateRequest,
  parts: GateListeners,
): Promise<OpenGate> {
  const stream = await attachContainer(engine, request.names.gate, {
    stdin: true,
    stdout: true,
    stderr: true,
  });
  try {
    return { stream, watch: await startGate(engine, request, stream, parts) };
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

/** Hands the gate program, policy and secrets, and waits until all is verified. */
async function startGate(
  engine: Engine,
  { names, plan, configuration, networks }: GateRequest,
  stream: ByteStream,
  { memory, onEvent, startFilter }: GateListeners,
): Promise<GateWatch> {
  const { sidecar: address, agent: peer } = networks.internal;
  const messages = [{ ...configuration, address, peer }, ...memory.replay()];
  const watch = watchGate(demultiplex(stream.output), memory, onEvent);
  await startContainer(engine, names.gate);
  await stream.write(renderGateInput(messages));
  // A gate that was started again gets another; nothing in it would end the one it has
  const lifeline = holdLifeline(engine, names.gate);
  const isReady = async () => {
    if (configuration.inspect) await within(readyMs, watch.authority, notInTime);
    if (plan.egress.filter === "pipelock")
      await within(readyMs, startFilter(), notInTime).catch((error: unknown) => throwCause(error, watch));
    await within(readyMs, watch.ready, notInTime);
  };
  await settleAll([isReady(), lifeline]);
  return watch;
}

/** pipelock cannot start in the namespace of a gate that has ended; then the gate says why, a moment later. */
async function throwCause(error: unknown, watch: GateWatch): Promise<never> {
  await Promise.race([watch.ready, setTimeout(endNoticeMs)]);
  throw error;
}

function notInTime(seconds: number): BottleError {
  return new BottleError({
    code: "sidecar",
    message: `Cannot start the sidecar: it runs, but is not ready after ${seconds} s`,
    hint: 'See whether the engine is well with "claude-bottle doctor", and try again.',
  });
}
