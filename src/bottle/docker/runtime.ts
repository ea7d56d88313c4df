/**
 * Which runtime a bottle gets. gVisor is taken when the engine has it *and* a container really starts with it: a runsc that is
 * registered but cannot start here is common (its own network stack needs what some kernels refuse).
 */
import type { Engine } from "../../engine/engine.ts";
import {
  createContainer,
  killAndRemoveContainer,
  openWait,
  startContainer,
} from "../../engine/containers.ts";
import { readInfo } from "../../engine/system.ts";
import type { EngineInfo } from "../../engine/system.ts";
import { messageOf } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import type { RuntimePlan } from "../../plan/plan.ts";
import { makeHardening } from "./hardening.ts";
import type { Labels } from "./labels.ts";
import { describeLeft } from "./left-processes.ts";
import type { EndProcesses } from "./left-processes.ts";

const gvisor = "runsc";

/** Outcome of one smoke probe. */
export interface ProbeResult {
  readonly starts: boolean;
  /** Why not, as the engine said it */
  readonly problem?: string;
}

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
        "registered with the engine and not tried yet: a probe before the start decides, else the default runtime",
      state: "probe",
    };
  }
  return known.starts ? planGvisor() : planBroken(info, known);
}

/** Decides a plan whose state is `probe` by starting a container, and remembers the outcome. */
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
  return left.length === 0 ? plan : { ...plan, reason: `${plan.reason}; ${describeLeft(left)}` };
}

async function runProbe(
  engine: Engine,
  request: ProbeRequest,
): Promise<ProbeResult & { readonly left: readonly string[] }> {
  const probe: { id?: string } = {};
  const result = await tryContainer(engine, request, probe);
  if (result.starts || probe.id === undefined) return { ...result, left: [] };
  return { ...result, left: await request.endProcesses(probe.id) };
}

async function tryContainer(
  engine: Engine,
  request: ProbeRequest,
  probe: { id?: string },
): Promise<ProbeResult> {
  try {
    const { id } = await createContainer(engine, request.name, {
      Image: request.image,
      Entrypoint: [],
      Cmd: ["true"],
      User: "65532:65532",
      Labels: request.labels,
      HostConfig: {
        ...makeHardening({ memoryBytes: 256 * 1024 * 1024, pids: 64 }),
        Runtime: request.runtime ?? gvisor,
        LogConfig: { Type: "none", Config: {} },
      },
    });
    probe.id = id;
    const wait = await openWait(engine, request.name);
    // Answered by the rejection of start below; without a listener it would count as unhandled
    wait.exit.catch(() => undefined);
    await startContainer(engine, request.name);
    const code = await wait.exit;
    return code === 0 ? { starts: true } : { starts: false, problem: `a probe container ended with ${code}` };
  } catch (error) {
    return { starts: false, problem: escapeForTerminal(messageOf(error)).slice(0, 300) };
  } finally {
    await killAndRemoveContainer(engine, request.name);
  }
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
