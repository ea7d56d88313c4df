/**
 * Which runtime a bottle gets. gVisor is taken when the engine has it *and* a container really starts with it: a runsc that is
 * registered but cannot start here is common (its own network stack needs what some kernels refuse).
 */
import { escapeForTerminal } from "../../core/text.ts";
import { inTime } from "../../core/time/within.ts";
import {
  createContainer,
  killAndRemoveContainer,
  openWait,
  startContainer,
} from "../../engine/containers.ts";
import { EngineError } from "../../engine/engine-error.ts";
import type { Engine } from "../../engine/engine.ts";
import { readInfo } from "../../engine/system.ts";
import type { EngineInfo } from "../../engine/system.ts";
import type { RuntimePlan } from "../../plan/plan.ts";
import type { ProbeResult } from "../../protocol/probe-result.ts";
import { gvisor, makeHardening, nobody } from "./hardening.ts";
import type { Labels } from "./labels.ts";
import { renderLeft } from "./left-processes.ts";
import type { EndProcesses } from "./left-processes.ts";

/** It has nothing to do; a machine that swaps gets its time */
const endMs = 60_000;

/** Remembers probe outcomes between runs; the key names engine, kernel and runtime arguments. */
export interface ProbeCache {
  read(key: string): Promise<ProbeResult | undefined>;
  write(key: string, result: ProbeResult): Promise<void>;
}

export interface ProbeRequest {
  readonly image: string;
  readonly name: string;
  readonly labels: Labels;
  /** Instead of `runsc`, for tests */
  readonly runtime?: string;
  readonly endProcesses: EndProcesses;
}

/** Says which runtime would be used, from the engine's own words and an earlier probe. Creates nothing. */
export async function observeRuntime(info: EngineInfo, cache: ProbeCache): Promise<RuntimePlan> {
  if (!hasGvisor(info)) {
    return planDefault(info, "gVisor is not registered with the engine");
  }
  const known = await cache.read(probeKey(info));
  if (!known) {
    return {
      name: gvisor,
      label: "runsc (gVisor)",
      reason:
        "registered with the engine, not tried yet: if a probe fails before the start, the default runtime is used",
      state: "probe",
    };
  }
  return known.starts ? planGvisor() : planBroken(info, known);
}

/**
 * Decides a plan whose state is `probe` by starting a container, and remembers the outcome. Throws for what says nothing about the runtime:
 * remembered as one that does not start, it would cost every later bottle its gVisor.
 */
export async function probeRuntime(
  engine: Engine,
  cache: ProbeCache,
  request: ProbeRequest,
): Promise<RuntimePlan> {
  const info = await readInfo(engine);
  const { left, ...result } = await runProbe(engine, request);
  await cache.write(probeKey(info), result);
  if (result.starts) return planGvisor();
  const plan = planBroken(info, result);
  return left.length === 0 ? plan : { ...plan, reason: `${plan.reason}; ${renderLeft(left)}` };
}

async function runProbe(
  engine: Engine,
  request: ProbeRequest,
): Promise<ProbeResult & { readonly left: readonly string[] }> {
  const { id, result } = await tryContainer(engine, request);
  return { ...result, left: result.starts ? [] : await request.endProcesses(id) };
}

async function tryContainer(
  engine: Engine,
  request: ProbeRequest,
): Promise<{ readonly id: string; readonly result: ProbeResult }> {
  // The create too: one without an answer may have come through
  try {
    const { id } = await createContainer(engine, request.name, {
      Image: request.image,
      Entrypoint: [],
      Cmd: ["true"],
      User: nobody,
      Labels: request.labels,
      HostConfig: {
        ...makeHardening({ memoryBytes: 256 * 1024 * 1024, pids: 64, runtime: request.runtime ?? gvisor }),
        ReadonlyRootfs: true,
        LogConfig: { Type: "none", Config: {} },
      },
    });
    const { exit } = await openWait(engine, request.name);
    const problem = (await tryStart(engine, request.name)) ?? describeEnd(await inTime(endMs, exit));
    return { id, result: problem === undefined ? { starts: true } : { starts: false, problem } };
  } finally {
    await killAndRemoveContainer(engine, request.name);
  }
}

/** Why the engine did not start it, if it did not. A start without an answer says nothing about the runtime, so it is an error. */
async function tryStart(engine: Engine, name: string): Promise<string | undefined> {
  try {
    await startContainer(engine, name);
    return undefined;
  } catch (error) {
    if (!(error instanceof EngineError) || error.status === undefined) throw error;
    return error.message.slice(0, 300);
  }
}

function describeEnd(exitCode: number | undefined): string | undefined {
  if (exitCode === undefined) return `a probe container did not end within ${endMs / 1000} s`;
  return exitCode === 0 ? undefined : `a probe container ended with ${exitCode}`;
}

/** A probe stays valid while engine, kernel and the registered runtime are the same. */
export function probeKey(info: EngineInfo): string {
  return JSON.stringify([info.ID, info.ServerVersion, info.KernelVersion, info.Runtimes[gvisor]]);
}

function hasGvisor(info: EngineInfo): boolean {
  return Object.hasOwn(info.Runtimes, gvisor);
}

function planGvisor(): RuntimePlan {
  return {
    name: gvisor,
    label: "runsc (gVisor)",
    reason: "registered with the engine, and a probe container started",
    state: "ready",
  };
}

function planDefault(info: EngineInfo, reason: string): RuntimePlan {
  return {
    name: undefined,
    label: `${escapeForTerminal(info.DefaultRuntime)} (default)`,
    reason,
    state: "ready",
  };
}

function planBroken(info: EngineInfo, result: ProbeResult): RuntimePlan {
  return planDefault(
    info,
    `gVisor is registered but does not start here: ${result.problem ?? "unknown reason"}`,
  );
}
