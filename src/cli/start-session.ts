/** A start from its words to its exit code: decide, show, do, undo. */
import type { Bottle, BottleFactory, SessionResult } from "../bottle/bottle.ts";
import { exitCodes } from "../core/error.ts";
import type { ExitCode } from "../core/error.ts";
import { makeProgress } from "../host/progress.ts";
import { watchSignals } from "../host/signals.ts";
import type { SignalWatch } from "../host/signals.ts";
import { stateFolder } from "../host/state.ts";
import { startReaper } from "../host/reaper.ts";
import { makeTerminal, resetSequences } from "../host/terminal.ts";
import type { UserTerminal } from "../host/terminal.ts";
import { hasColor } from "../host/world.ts";
import { findAgent } from "../plan/make-plan.ts";
import { renderPlanJson } from "../plan/plan-json.ts";
import { renderPreflight } from "../plan/preflight.ts";
import type { App } from "./app.ts";
import { approve, readPolicyState } from "./approval.ts";
import { readEnvGrants } from "./grants.ts";
import { preparePlan } from "./prepare-plan.ts";
import type { PreparedPlan } from "./prepare-plan.ts";
import { readManifest } from "./read-manifest.ts";
import { makeSessionId } from "./session-id.ts";
import { renderSessionEnd } from "./session-end.ts";
import { findToken, readToken } from "./token.ts";

export interface StartRequest {
  readonly agentName: string;
  readonly isDryRun: boolean;
  readonly isJson: boolean;
  readonly isYes: boolean;
  readonly trustsProject: boolean;
  readonly hasWorkspace: boolean;
  readonly isVerbose: boolean;
  readonly claudeArguments: readonly string[];
}

/** Runs the whole of it. The exit code is claude's own unless the session did not come about. */
export async function startAgentSession(app: App, request: StartRequest): Promise<ExitCode> {
  const { world } = app;
  const { files, manifest } = await readManifest(world);
  const { agent, bottle } = findAgent(manifest, request.agentName);
  const token = findToken(world.env);
  // Known without the engine, so it is said before the engine is asked for anything
  if (!request.isDryRun) readToken(world.env, token);
  const factory = await app.openFactory();
  const terminal = makeTerminal(world);
  let shown = { engine: "", warnings: [] as readonly string[] };
  const prepared = await preparePlan(
    {
      world,
      settings: app.settings,
      session: makeSessionId(),
      observe: async (dockerfile) => {
        const observation = await factory.observe({ dockerfile });
        shown = observation;
        return observation;
      },
    },
    {
      agent,
      bottle,
      files,
      token,
      hasWorkspace: request.hasWorkspace,
      claudeArguments: request.claudeArguments,
      hasTerminal: terminal.isTerminal,
    },
  );
  const folder = stateFolder(world);
  const policy = await readPolicyState(folder, prepared.plan, files);
  if (request.isJson) world.stdout.write(renderPlanJson(prepared.plan));
  else {
    const context = { ...shown, change: policy.change, hasColor: hasColor(world) };
    world.stderr.write(renderPreflight(prepared.plan, context));
  }
  if (request.isDryRun) return exitCodes.ok;
  if (!(await approve(folder, prepared.plan, policy, request))) {
    world.stderr.write("Not started.\n");
    return exitCodes.ok;
  }
  return runPlan(app, factory, { prepared, terminal, isVerbose: request.isVerbose });
}

interface Execution {
  readonly prepared: PreparedPlan;
  readonly terminal: UserTerminal;
  readonly isVerbose: boolean;
}

/** Does and undoes. From here on secrets exist, and every way out goes through `destroy`. */
async function runPlan(
  app: App,
  factory: BottleFactory,
  { prepared, terminal, isVerbose }: Execution,
): Promise<ExitCode> {
  const { plan, files, sshKeys } = prepared;
  const { world } = app;
  const grants = {
    env: readEnvGrants(plan.env, world.env),
    token: readToken(world.env, plan.token),
    sshKeys,
  };
  const signals = watchSignals(world.stdout);
  const progress = makeProgress(world, isVerbose);
  // Before the first object exists, so that whatever ends this process, somebody is there to undo it
  const reaper = startReaper(world, {
    command: [...app.selfCommand, "reap-session", plan.session],
    resetSequences: terminal.isTerminal ? resetSequences : "",
  });
  try {
    const bottle = await factory.launch({ plan, grants, files, terminal, progress, signal: signals.signal });
    const result = await runInBottle(bottle, terminal, signals, (lines) => writeLines(app, lines));
    writeLines(app, renderSessionEnd(plan, result));
    return result.exitCode;
  } finally {
    progress.done();
    signals.stop();
    reaper.release();
  }
}

/** Joins the terminal to claude until it ends or a signal comes, and destroys the bottle in every case. */
async function runInBottle(
  bottle: Bottle,
  terminal: UserTerminal,
  signals: SignalWatch,
  write: (lines: readonly string[]) => void,
): Promise<SessionResult> {
  const destroy = async () => {
    const left = await bottle.destroy();
    write(left.map((line) => `Left behind: ${line}`));
  };
  const interrupted = Promise.withResolvers<never>();
  const onAbort = () => interrupted.reject(signals.signal.reason);
  signals.signal.addEventListener("abort", onAbort, { once: true });
  if (signals.signal.aborted) onAbort();
  try {
    const session = bottle.attach(terminal);
    // After a signal nobody waits for the session any more, and its end is no news
    session.catch(() => undefined);
    return await Promise.race([session, interrupted.promise]);
  } finally {
    terminal.restore();
    signals.signal.removeEventListener("abort", onAbort);
    await destroy();
  }
}

/** A terminal that was closed takes no words any more; there is nobody to read them. */
function writeLines(app: App, lines: readonly string[]): void {
  if (lines.length === 0 || app.world.stderr.destroyed) return;
  app.world.stderr.write(`${lines.join("\n")}\n`, () => undefined);
}
