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
  const services = plan.services ?? [];
  const failed = new AbortController();
  const started = new Map<string, Promise<FoundService>>();
  let first: { readonly error: unknown } | undefined;
  const start = async ({ after, name, ...rest }: ServicePlan): Promise<FoundService> => {
    const made = await ground.makeService({ after, name, ...rest });
    for (const other of after) await started.get(other);
    scope.throwIfClosing();
    progress.detail(`service ${escapeForTerminal(name)}: waiting until it is ready`);
    await startReady({ ...made, signal: AbortSignal.any([signal, failed.signal]) });
    progress.detail(`service ${escapeForTerminal(name)} is ready`);
    return made;
  };
  // Each is in the map before any of them looks for those that it waits for
  const gate = Promise.withResolvers<void>();
  for (const one of services) {
    const run = gate.promise
      .then(() => start(one))
      .catch((error: unknown) => {
        first ??= { error };
        failed.abort();
        throw error;
      });
    run.catch(() => undefined);
    started.set(one.name, run);
  }
  gate.resolve();
  return settleAll([...started.values()]).catch((error: unknown) => {
    throw first ? first.error : error;
  });
}
