/** Executes a plan on the engine: everything that can be done side by side is, and whatever fails, all of it is undone. */
import { BottleError, messageOf } from "../../core/error.ts";
import { Scope } from "../../core/scope.ts";
import type { UndoFailure } from "../../core/scope.ts";
import type { Engine } from "../../engine/engine.ts";
import { isAddressOverlap } from "../../engine/networks.ts";
import type { Bottle, LaunchOptions } from "../bottle.ts";
import { startAgent } from "./agent.ts";
import { makePrivateEnvironment } from "./agent-environment.ts";
import { makeGateConfiguration } from "./gate-configuration.ts";
import { makeLabels, makeNames } from "./labels.ts";
import type { LabelContext, Role } from "./labels.ts";
import { beginNetworks } from "./networks.ts";
import { runSession } from "./session.ts";
import { settleAll } from "./settle.ts";
import { startSidecar } from "./sidecar.ts";

export interface LaunchContext {
  readonly labels: LabelContext;
  readonly image: string;
  readonly runtime: string | undefined;
  /** CIDRs that the host routes */
  readonly hostRoutes: readonly string[];
  readonly seed: number;
}

/** Another start can take the same range between our look and our create; each try looks again */
const overlapTries = 32;

/** Brings a bottle up to the point where claude waits for its environment. */
export async function launchBottle(
  engine: Engine,
  options: LaunchOptions,
  context: LaunchContext,
): Promise<Bottle> {
  for (let attempt = 0; ; attempt += 1) {
    const scope = new Scope();
    const stopOnAbort = undoOnAbort(scope, options.signal);
    try {
      return await tryLaunch(engine, options, { ...context, seed: context.seed + attempt * 7919 }, scope);
    } catch (error) {
      const failures = await scope.close();
      if (options.signal.aborted) throw options.signal.reason;
      if (isAddressOverlap(error) && attempt + 1 < overlapTries) continue;
      throw withLeftovers(error, failures);
    } finally {
      stopOnAbort();
    }
  }
}

async function tryLaunch(
  engine: Engine,
  options: LaunchOptions,
  context: LaunchContext,
  scope: Scope,
): Promise<Bottle> {
  const { plan, grants, files, progress, terminal, signal } = options;
  signal.throwIfAborted();
  progress.step("Starting the bottle");
  const names = makeNames(plan);
  const labels = (role: Role) => makeLabels(plan, role, context.labels);
  const networks = await beginNetworks(
    engine,
    { names, labels, hostRoutes: context.hostRoutes, seed: context.seed },
    scope,
  );
  scope.nextGroup();
  const shared = { plan, names, labels, image: context.image, networks };
  const configuration = makeGateConfiguration(plan, grants);
  const [agent, gate] = await settleAll([
    startAgent(engine, { ...shared, runtime: context.runtime, files, terminal }, scope),
    startSidecar(engine, { ...shared, configuration }, scope),
    networks.internalId,
    networks.egressId,
  ]);
  signal.throwIfAborted();
  progress.done();
  const authority = configuration.inspect ? await gate.authority : undefined;
  const environment = makePrivateEnvironment(plan, grants, authority);
  return {
    attach: (user) => runSession(engine, { plan, agent, gate, environment }, user),
    destroy: async () => renderFailures(await scope.close()),
  };
}

/** A signal during the launch removes what is there at once; calls under way then fail and are undone by the same scope. */
function undoOnAbort(scope: Scope, signal: AbortSignal): () => void {
  const onAbort = () => void scope.close();
  signal.addEventListener("abort", onAbort, { once: true });
  return () => signal.removeEventListener("abort", onAbort);
}

function renderFailures(failures: readonly UndoFailure[]): string[] {
  return failures.map(({ step, cause }) => {
    const [kind = "", name = ""] = step.split(" ");
    const mend = kind === "container" ? `docker rm -f ${name}` : `docker ${kind} rm ${name}`;
    return `${step}: ${messageOf(cause)}; remove it with "claude-bottle cleanup" or "${mend}"`;
  });
}

/** The first error stays the error; what could not be undone is added below it. */
function withLeftovers(error: unknown, failures: readonly UndoFailure[]): unknown {
  if (failures.length === 0) return error;
  const known = error instanceof BottleError ? error : undefined;
  return new BottleError({
    code: known?.code ?? "session",
    message: messageOf(error),
    hint: known?.hint,
    details: [...(known?.details ?? []), "Left behind:", ...renderFailures(failures)],
    exitCode: known?.exitCode,
    cause: error,
  });
}
