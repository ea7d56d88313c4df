/** Executes a plan on the engine: everything that can be done side by side is, and whatever fails, all of it is undone. */
import { Scope } from "../../core/scope.ts";
import type { UndoFailure } from "../../core/scope.ts";
import { settleAll } from "../../core/settle.ts";
import { killAndRemoveContainer } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { findImage } from "../../engine/images.ts";
import { isAddressOverlap } from "../../engine/networks.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import { makePrivateEnvironment } from "../agent/agent-environment.ts";
import { trustAuthority } from "../agent/trust-authority.ts";
import type { Bottle, LaunchOptions } from "../bottle.ts";
import { makeGateConfiguration } from "../gate/gate-configuration.ts";
import type { Sidecar } from "../gate/sidecar.ts";
import { runSession } from "../running/run-session.ts";
import type { SessionParts } from "../running/run-session.ts";
import { guardSidecar } from "../running/sidecar-guard.ts";
import type { GuardOptions, SidecarGuard } from "../running/sidecar-guard.ts";
import { startAgent } from "./agent.ts";
import { requireNetworks } from "./checked-create.ts";
import { chooseAgentUser } from "./choose-agent-user.ts";
import { endSidecar } from "./end-sidecar.ts";
import { makeParts } from "./find-parts.ts";
import { makeLabels, makeNames } from "./labels.ts";
import type { LabelContext, ObjectNames, Role } from "./labels.ts";
import { renderFailures, withLeftovers } from "./left-behind.ts";
import type { EndProcesses } from "./left-processes.ts";
import { beginNetworks, noRange } from "./networks.ts";
import type { BottleNetworks } from "./networks.ts";
import { openPartEvents } from "./part-events.ts";
import { saveWorktrees } from "./save-worktrees.ts";
import { startSidecar } from "./sidecar.ts";
import { makeStandbyCollector } from "./standby-collector.ts";
import { createWorkVolumes } from "./work-volumes.ts";
import type { WorkVolumesRequest } from "./work-volumes.ts";

export interface LaunchContext {
  readonly labels: LabelContext;
  readonly image: string;
  readonly sidecarImage: string;
  /** Of pipelock; the default release's where there is none */
  readonly filterVersion: string;
  readonly runtime: string | undefined;
  /** As `docker info` has them */
  readonly securityOptions: readonly string[];
  /** CIDRs that the host routes */
  readonly hostRoutes: readonly string[];
  readonly seed: number;
  /** What runs in claude's place, for `verify` */
  readonly command?: readonly string[];
  readonly endProcesses: EndProcesses;
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
    // Apart, since it must not go with the rest until its content has been brought back
    const work = new Scope();
    const stopOnAbort = undoOnAbort(scope, work, options.signal);
    try {
      return await tryLaunch(
        engine,
        options,
        { ...context, seed: context.seed + attempt * 7919 },
        scope,
        work,
      );
    } catch (error) {
      const failures = await closeAll(scope, work);
      if (options.signal.aborted) throw withLeftovers(options.signal.reason, renderFailures(failures));
      // With something left the next try would find its own names taken
      if (isAddressOverlap(error) && failures.length === 0 && attempt + 1 < overlapTries) continue;
      throw withLeftovers(isAddressOverlap(error) ? noRange(error) : error, renderFailures(failures));
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
  work: Scope,
): Promise<Bottle> {
  const { plan, grants, files, progress, terminal, signal } = options;
  signal.throwIfAborted();
  progress.step("Starting the bottle");
  const names = makeNames(plan);
  const labels = (role: Role) => makeLabels(plan, role, context.labels);
  const user = chooseAgentUser(plan.session, context);
  const [networks] = await settleAll([
    beginNetworks(engine, { ...context, names, labels }, scope),
    makeVolumes(engine, { names, labels, user }, context, work),
  ]);
  scope.nextGroup();
  const configuration = makeGateConfiguration(plan, grants);
  const shared = { plan, names, labels, networks };
  const [agent, sidecar] = await settleAll([
    startAgent(engine, { ...pickAgent(context), ...shared, user, files, terminal, progress }, scope),
    startSidecar(engine, { ...shared, ...pickSidecar(context), configuration }, scope),
    networks.internalId,
    networks.egressId,
  ]);
  signal.throwIfAborted();
  await requireBothNetworks(engine, names, networks);
  progress.done();
  const authority = configuration.inspect ? await sidecar.authority() : undefined;
  if (authority !== undefined) await trustAuthority(agent.part, authority, progress);
  const environment = makePrivateEnvironment(plan, grants, authority);
  const guard = await guardSidecar({ ...guardedBottle(engine, plan, names, scope), sidecar });
  if (signal.aborted) guard.stop();
  signal.throwIfAborted();
  const parts = { plan, agent, sidecar, guard, environment };
  return makeBottle(engine, { ...parts, names, networks, scope, work, labels: context.labels });
}

interface LaunchedBottle extends Omit<SessionParts, "onOutputEnd" | "sidecar" | "guard"> {
  readonly sidecar: Sidecar;
  readonly guard: SidecarGuard;
  readonly names: ObjectNames;
  readonly networks: BottleNetworks;
  readonly scope: Scope;
  readonly work: Scope;
  readonly labels: LabelContext;
}

function makeBottle(engine: Engine, launched: LaunchedBottle): Bottle {
  const { plan, guard, sidecar, names, networks, scope, work, labels } = launched;
  const collector = makeStandbyCollector(engine, plan.session, labels);
  const beginCollector = () => (plan.workspace ? collector.begin() : Promise.resolve());
  const onOutputEnd = () => {
    guard.stop();
    void beginCollector();
    const end = { gateSettled: sidecar.settled, isAside: plan.workspace !== undefined };
    endSidecar(engine, names, networks, end).catch(() => undefined);
  };
  return {
    attach: (user) => runSession({ ...launched, onOutputEnd }, user),
    seen: sidecar.seen,
    async stop() {
      // Side by side: the collector looks at nothing before it is asked, and starts meanwhile
      await Promise.all([stopAgent(engine, plan, names.agent), beginCollector()]);
    },
    release: () => collector.end(),
    async destroy({ keepsWork } = { keepsWork: false }) {
      guard.stop();
      if (!keepsWork) await collector.end();
      return renderFailures(await (keepsWork ? scope.close() : closeAll(scope, work)));
    },
  };
}

/** The bottle as the guard of its sidecar sees it. */
function guardedBottle(
  engine: Engine,
  { session }: BottlePlan,
  names: ObjectNames,
  scope: Scope,
): Omit<GuardOptions, "sidecar"> {
  return {
    openEvents: (signal) => openPartEvents(engine, session, signal),
    parts: makeParts(engine, names),
    isEnding: () => scope.isClosing,
  };
}

function pickSidecar({ sidecarImage: image, filterVersion }: LaunchContext) {
  return { image, filterVersion };
}

function pickAgent({ image, runtime, command, endProcesses }: LaunchContext) {
  return { image, runtime, command, endProcesses };
}

/** Worktrees outside of the volumes go with the container. */
async function stopAgent(engine: Engine, plan: BottlePlan, name: string): Promise<void> {
  if (plan.workspace?.hasRepository) await saveWorktrees(engine, plan.session).catch(() => undefined);
  await killAndRemoveContainer(engine, name);
}

async function makeVolumes(
  engine: Engine,
  objects: Pick<WorkVolumesRequest, "names" | "labels" | "user">,
  { image, runtime }: LaunchContext,
  work: Scope,
): Promise<void> {
  // By its id: the name may mean another image by the time that somebody collects
  const found = await findImage(engine, image);
  await createWorkVolumes(engine, { ...objects, image: found?.id ?? image, runtime }, work);
}

/** The agent is in its own network alone, and the gate in both. */
async function requireBothNetworks(
  engine: Engine,
  names: ObjectNames,
  networks: BottleNetworks,
): Promise<void> {
  const ids = await settleAll([networks.internalId, networks.egressId]);
  await settleAll([requireNetworks(engine, names.agent, [ids[0]]), requireNetworks(engine, names.gate, ids)]);
}

/** Volumes can only go when no container uses them any more. */
async function closeAll(scope: Scope, work: Scope): Promise<readonly UndoFailure[]> {
  const failures = await scope.close();
  return [...failures, ...(await work.close())];
}

/**
 * A signal during the launch removes what is there at once, so that what waits for it fails. The engine may yet make what it was asked
 * for before, which is removed when all calls have been answered.
 */
function undoOnAbort(scope: Scope, work: Scope, signal: AbortSignal): () => void {
  const onAbort = () => {
    scope.interrupt();
    work.interrupt();
  };
  signal.addEventListener("abort", onAbort, { once: true });
  return () => signal.removeEventListener("abort", onAbort);
}
