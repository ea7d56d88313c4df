/** Executes a plan on a platform's ground: everything that can be done side by side is, and whatever fails, all of it is undone. */
import { Scope } from "../../core/scope.ts";
import type { UndoFailure } from "../../core/scope.ts";
import { settleAll } from "../../core/settle.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import { chooseAgentUser } from "../agent/choose-agent-user.ts";
import { makePrivateEnvironment } from "../agent/agent-environment.ts";
import { makeCanaries } from "../agent/make-canaries.ts";
import { saveWorktrees } from "../agent/save-worktrees.ts";
import { trustAuthority } from "../agent/trust-authority.ts";
import type { Bottle, LaunchOptions } from "../bottle.ts";
import { makeGateConfiguration } from "../gate/gate-configuration.ts";
import { renderFailures, withLeftovers } from "../left-behind.ts";
import type { Part } from "../platform/part.ts";
import type { Sidecar } from "../gate/sidecar.ts";
import { runSession } from "../running/run-session.ts";
import type { SessionParts } from "../running/run-session.ts";
import { guardSidecar } from "../running/sidecar-guard.ts";
import type { SidecarGuard } from "../running/sidecar-guard.ts";
import type { Ground, GroundMaker } from "../platform/ground.ts";
import type { FoundService } from "../platform/services.ts";
import { describeEnded } from "../service/ended-services.ts";
import { startServices } from "../service/start-services.ts";
import type { TreeUse } from "../platform/tree-storage.ts";
import { collectorSpec } from "../work/collector-spec.ts";
import { startAgent } from "./start-agent.ts";
import { startSidecar } from "./start-sidecar.ts";

/** What is decided for a launch beside its plan. */
export interface LaunchChoice {
  /** Of pipelock; the default release's where there is none */
  readonly filterVersion: string;
  /** What runs in claude's place, for `verify` */
  readonly command?: readonly string[] | undefined;
  /** Of the plan's setup */
  readonly tree?: TreeUse | undefined;
}

/** Another start can take the same range between our look and our create; each try looks again */
const maxTries = 32;

/** Brings a bottle up to the point where claude waits for its environment. */
export async function launchBottle(
  maker: GroundMaker,
  options: LaunchOptions,
  choice: LaunchChoice,
): Promise<Bottle> {
  for (let attempt = 0; ; attempt += 1) {
    const scopes = { scope: new Scope(), work: new Scope() };
    const stopOnAbort = undoOnAbort(scopes, options.signal);
    try {
      return await tryLaunch(maker, options, choice, { ...scopes, attempt });
    } catch (error) {
      const left = renderFailures(await closeAll(scopes));
      if (options.signal.aborted) throw withLeftovers(options.signal.reason, left);
      const explained = maker.explain(error);
      // With something left the next try would find its own names taken
      if (explained.mayTryAgain && left.length === 0 && attempt + 1 < maxTries) continue;
      throw withLeftovers(explained.error, left);
    } finally {
      stopOnAbort();
    }
  }
}

interface Scopes {
  readonly scope: Scope;
  /** Apart, since it must not go with the rest until its content has been brought back */
  readonly work: Scope;
}

async function tryLaunch(
  maker: GroundMaker,
  options: LaunchOptions,
  { filterVersion, command, tree }: LaunchChoice,
  scopes: Scopes & { readonly attempt: number },
): Promise<Bottle> {
  const { plan, grants, progress, signal } = options;
  const { scope } = scopes;
  signal.throwIfAborted();
  progress.step("Starting the bottle");
  const user = chooseAgentUser(plan.session, maker);
  const ground = await maker.layGround({ plan, tree, collector: collectorSpec, user, ...scopes });
  scope.nextGroup();
  const canaries = makeCanaries(plan.canaries ?? []);
  const configuration = makeGateConfiguration(plan, grants, canaries);
  // A service may take its time, which nobody waits for when the bottle fails
  const failed = new AbortController();
  const orFail = <T>(act: Promise<T>) =>
    act.catch((error: unknown) => {
      failed.abort(error);
      throw error;
    });
  const [agent, sidecar, , services] = await settleAll([
    orFail(startAgent(ground, { ...options, command, user, canaries }, scope)),
    orFail(startSidecar(ground, { plan, configuration, filterVersion }, scope)),
    ground.networksReady(),
    startServices(ground, { plan, progress, signal: AbortSignal.any([signal, failed.signal]) }, scope),
  ]);
  signal.throwIfAborted();
  await ground.requireNetworks();
  progress.done();
  const authority = configuration.inspect ? await sidecar.authority() : undefined;
  if (authority !== undefined) await trustAuthority(agent.part, authority, progress);
  const environment = makePrivateEnvironment(plan, grants, authority);
  const guard = await guardSidecar({
    openEvents: (ended) => maker.openEvents(plan.session, ended),
    parts: ground.parts,
    isEnding: () => scope.isClosing,
    sidecar,
  });
  if (signal.aborted) guard.stop();
  signal.throwIfAborted();
  return makeBottle(ground, { plan, agent, sidecar, guard, environment, services }, scopes);
}

interface BottleParts extends Omit<SessionParts, "onOutputEnd" | "sidecar" | "guard"> {
  readonly sidecar: Sidecar;
  readonly guard: SidecarGuard;
  readonly services: readonly FoundService[];
}

function makeBottle(ground: Ground, parts: BottleParts, scopes: Scopes): Bottle {
  const { plan, agent, sidecar, guard, services } = parts;
  const hasWork = plan.workspace !== undefined;
  const beginCollector = () => (hasWork ? ground.collector.begin() : Promise.resolve());
  const onOutputEnd = () => {
    guard.stop();
    void beginCollector();
    ground.endSidecar({ gateSettled: sidecar.settled, isAside: hasWork }).catch(() => undefined);
  };
  return {
    async attach(user) {
      const result = await runSession({ ...parts, onOutputEnd }, user);
      const ended = result.isEngineLost ? [] : await describeEnded(services);
      return { ...result, incidents: [...result.incidents, ...ended] };
    },
    onFrozen: (listener) =>
      sidecar.listen((event) => {
        if (event.event === "freeze") listener(event.state === "frozen");
      }),
    seen: sidecar.seen,
    // Side by side: the collector looks at nothing before it is asked, and starts meanwhile
    stop: async () => void (await settleAll([stopAgent(agent.part, plan), beginCollector()])),
    release: () => ground.collector.end(),
    async destroy({ keepsWork } = { keepsWork: false }) {
      guard.stop();
      if (!keepsWork) await ground.collector.end();
      return renderFailures(await (keepsWork ? scopes.scope.close() : closeAll(scopes)));
    },
  };
}

/** Worktrees outside of the volumes go with the agent. */
async function stopAgent(agent: Part, plan: BottlePlan): Promise<void> {
  if (plan.workspace?.hasRepository) await saveWorktrees(agent);
  await agent.remove();
}

/** Volumes can only go when nothing uses them any more. */
async function closeAll({ scope, work }: Scopes): Promise<readonly UndoFailure[]> {
  const failures = await scope.close();
  return [...failures, ...(await work.close())];
}

/**
 * A signal during the launch removes what is there at once, so that what waits for it fails. The platform may yet make what it was asked
 * for before, which is removed when all calls have been answered.
 */
function undoOnAbort({ scope, work }: Scopes, signal: AbortSignal): () => void {
  const onAbort = () => {
    scope.interrupt();
    work.interrupt();
  };
  signal.addEventListener("abort", onAbort, { once: true });
  return () => signal.removeEventListener("abort", onAbort);
}
