/** The services of a bottle, made and started side by side, each after those that it waits for. */
import type { Scope } from "../../core/scope.ts";
import { settleAll } from "../../core/settle.ts";
import { escapeForTerminal } from "../../core/text.ts";
import type { ServicePlan } from "../../plan/plan.ts";
import type { LaunchOptions } from "../bottle.ts";
import type { FoundService } from "../platform/services.ts";
import type { Ground } from "../platform/ground.ts";
import { startReady } from "./await-ready.ts";

/** Resolves with all of them when they are ready. If one fails, the others are not waited for, and its error is the one that is told. */
export async function startServices(
  ground: Pick<Ground, "makeService">,
  { plan, progress, signal }: Pick<LaunchOptions, "plan" | "progress" | "signal">,
  scope: Scope,
): Promise<readonly FoundService[]> {
  const failed = new AbortController();
  const started = new Map<string, Promise<FoundService>>();
  const start = async (service: ServicePlan): Promise<FoundService> => {
    const made = await ground.makeService(service);
    for (const other of service.after) await started.get(other);
    scope.throwIfClosing();
    const name = escapeForTerminal(service.name);
    progress.detail(`service ${name}: waiting until it is ready`);
    await startReady({ ...made, signal: AbortSignal.any([signal, failed.signal]) });
    progress.detail(`service ${name} is ready`);
    return made;
  };
  // All are in the map before one of them looks for another: each makes its part first
  for (const one of plan.services ?? []) {
    const run = start(one);
    run.catch((error: unknown) => failed.abort(error));
    started.set(one.name, run);
  }
  return settleAll([...started.values()]).catch(() => {
    throw failed.signal.reason;
  });
}
