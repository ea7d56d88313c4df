/** A start from its words to its exit code: decide, show, do, undo. */
import type { Bottle, BottleFactory, ImageRequest, SessionResult } from "../bottle/bottle.ts";
import { exitCodes } from "../core/error.ts";
import type { ExitCode } from "../core/error.ts";
import type { ManifestFile } from "../core/manifest-file.ts";
import type { Secret } from "../core/secret.ts";
import { findAddresses } from "../host/addresses.ts";
import { makeProgress, silentProgress } from "../host/progress.ts";
import { canAsk } from "../host/prompt.ts";
import { watchSignals } from "../host/signals.ts";
import { removeJournal } from "../host/journal.ts";
import type { JournalEntry } from "../host/journal.ts";
import { stateFolder } from "../host/state.ts";
import { startReaper } from "../host/reaper.ts";
import { removeOwnScratch } from "../host/scratch.ts";
import { findReceipt } from "../host/session-records.ts";
import { keepScreen } from "../host/screen-file.ts";
import { resetSequences } from "../host/terminal.ts";
import type { UserTerminal } from "../host/terminal.ts";
import { screenOf } from "../host/world.ts";
import type { World } from "../host/world.ts";
import { findAgent } from "../plan/make-plan.ts";
import { renderPlanJson } from "../plan/plan-json.ts";
import { renderPreflight } from "../plan/preflight.ts";
import type { App } from "./app.ts";
import { approve, readPolicyState } from "./approval.ts";
import { addPlaceholders } from "./bound-grants.ts";
import { requireKnownRoom } from "./exec-room.ts";
import { readPassphrases, requireNoQuestions, takeAnswers } from "./grants.ts";
import type { EnvGrant } from "./grants.ts";
import { openTerminal } from "./open-terminal.ts";
import { preparePlan } from "./prepare-plan.ts";
import type { PreparedPlan } from "./prepare-plan.ts";
import { readManifest } from "./read-manifest.ts";
import { makeSessionId } from "./session-id.ts";
import { finishSession } from "./finish-session.ts";
import { runInBottle, writeLines } from "./run-in-bottle.ts";
import { renderResume, renderSessionEnd } from "./session-end.ts";
import { beginJournal, beginRecord } from "./session-journal.ts";
import { limitTime } from "./time-limit.ts";
import { mayLeave } from "./watched-session.ts";
import { askToken, findToken, readToken } from "./token.ts";

export interface StartRequest {
  readonly agentName: string;
  readonly isDryRun: boolean;
  readonly isJson: boolean;
  readonly isYes: boolean;
  readonly trustsProject: boolean;
  readonly hasWorkspace: boolean;
  /** The workspace may be the home folder */
  readonly allowsHome?: boolean | undefined;
  readonly isVerbose: boolean;
  /** Claude's own record of the session is kept */
  readonly hasTranscript: boolean;
  readonly claudeArguments: readonly string[];
  /** The agent may write to the user's clipboard */
  readonly allowsClipboard?: boolean;
  /** Session that is taken up again */
  readonly resumes?: string | undefined;
  /** Stands before the session's id in the bottle's name, instead of the agent's */
  readonly name?: string | undefined;
  /** Only errors are told */
  readonly isQuiet?: boolean;
  /** A value that would have to be asked for is an error, whether or not somebody could be asked */
  readonly asksNothing?: boolean;
  /** Ends the session after so long */
  readonly timeoutMs?: number | undefined;
  /** Whether claude gets a terminal of its own; by default if the user has one */
  readonly hasTerminal?: boolean;
  /** In place of the user's own terminal */
  readonly openTerminal?: (world: World) => UserTerminal;
  /** Executes what was approved, in place of this process; `app` has the token that was asked for */
  readonly execute?: (app: App, approved: Decision) => Promise<ExitCode>;
}

/** What was decided: the plan, what executing it needs, and who would execute it. */
export interface Decision {
  readonly prepared: PreparedPlan;
  readonly manifests: readonly ManifestFile[];
  readonly engine: string;
}

/** Runs the whole of it. The exit code is claude's own unless the session did not come about. */
export async function startAgentSession(app: App, request: StartRequest): Promise<ExitCode> {
  const { world } = app;
  const terminal = request.openTerminal
    ? request.openTerminal(world)
    : openTerminal(app, request.allowsClipboard);
  const factory = await app.openFactory();
  const decision = await decide(app, factory, request, {
    session: makeSessionId(),
    hasTerminal: request.hasTerminal ?? terminal.isTerminal,
  });
  const { manifests } = decision;
  const { plan } = decision.prepared;
  if (request.asksNothing && !request.isDryRun) requireNoQuestions(plan);
  const folder = stateFolder(world);
  const policy = await readPolicyState(folder, plan, manifests);
  if (request.isJson) world.stdout.write(renderPlanJson(plan));
  else if (!request.isQuiet) {
    const context = { ...decision, change: policy.change, ...screenOf(world, world.stderr) };
    world.stderr.write(renderPreflight(plan, context));
  }
  if (request.isDryRun) return exitCodes.ok;
  if (!(await approve(folder, plan, policy, request))) {
    world.stderr.write("Not started.\n");
    return exitCodes.ok;
  }
  const ready = plan.token ? { app, decision } : await answerToken(app, decision);
  if (request.execute) return request.execute(ready.app, ready.decision);
  const { prepared, engine } = ready.decision;
  return runPlan(ready.app, factory, { ...request, prepared, terminal, engine });
}

/** The token as if it had been in the environment from the start, which no variable of this machine holds. */
async function answerToken(
  app: App,
  decision: Decision,
): Promise<{ readonly app: App; readonly decision: Decision }> {
  const env = await askToken(app.world.env);
  const { prepared } = decision;
  return {
    app: { ...app, world: { ...app.world, env } },
    decision: { ...decision, prepared: { ...prepared, plan: { ...prepared.plan, token: findToken(env) } } },
  };
}

/** Looks at manifest, host and engine, and makes the plan. */
export async function decide(
  app: App,
  factory: BottleFactory,
  request: StartRequest,
  { session, hasTerminal }: { readonly session: string; readonly hasTerminal: boolean },
): Promise<Decision> {
  const { world } = app;
  const { files, manifest } = await readManifest(world);
  const { agent, bottle } = findAgent(manifest, request.agentName);
  requireKnownRoom({ agent, bottle }, request.claudeArguments, world.env);
  const token = findToken(world.env);
  // Known without the engine, so it is said before the engine is asked for anything
  const isAsked = token === undefined && !request.isYes && canAsk(world);
  if (!request.isDryRun && !isAsked) readToken(world.env, token);
  let engine = "";
  const observe = async (image: ImageRequest) => {
    const observation = await factory.observe(image);
    ({ engine } = observation);
    return observation;
  };
  const { hasWorkspace, allowsHome, claudeArguments, name, resumes } = request;
  const prepared = await preparePlan(
    { world, settings: app.settings, session, findAddresses, observe },
    { agent, bottle, files, token, hasWorkspace, allowsHome, claudeArguments, hasTerminal, name, resumes },
  );
  return { prepared, manifests: files, engine };
}

export interface Execution {
  readonly prepared: PreparedPlan;
  readonly terminal: UserTerminal;
  readonly isVerbose: boolean;
  readonly hasTranscript: boolean;
  /** As the receipt shows it */
  readonly engine: string;
  readonly isQuiet?: boolean;
  readonly timeoutMs?: number | undefined;
  /** Values for the manifest's env that were asked for already */
  readonly answers?: readonly EnvGrant[];
  /** Of the keys, that were asked for already */
  readonly passphrases?: readonly (Secret | undefined)[];
  /** Called when claude is about to run */
  readonly onRunning?: () => void;
}

/** Does and undoes. From here on secrets exist, and every way out goes through `destroy`. */
export async function runPlan(app: App, factory: BottleFactory, execution: Execution): Promise<ExitCode> {
  const { prepared, terminal, isVerbose, isQuiet, hasTranscript, engine } = execution;
  const { plan, files, sshKeys } = prepared;
  const { world } = app;
  const grants = {
    env: addPlaceholders(plan.env, execution.answers ?? (await takeAnswers(plan, world.env))),
    token: readToken(world.env, plan.token),
    sshKeys,
    sshPassphrases: execution.passphrases ?? (await readPassphrases(plan.ssh)),
  };
  const signals = limitTime(watchSignals(world.stdout, terminal), execution.timeoutMs);
  const progress = isQuiet ? silentProgress : makeProgress(world, isVerbose);
  // Both before the first object exists, so that whatever ends this process, somebody is there to undo it and knows what
  const entry = await beginJournal(app, prepared, hasTranscript);
  const reaper = startReaper(world, {
    command: [...app.selfCommand, "reap-session", "--wait", plan.session],
    resetSequences: terminal.isTerminal ? resetSequences : "",
  });
  try {
    const bottle = await launch(app, entry, () =>
      factory.launch({ plan, grants, files, terminal, progress, signal: signals.signal }),
    );
    // A record that cannot be written is no reason to lose the work
    const running = await beginRecord(app, entry, prepared, engine).catch((): JournalEntry => ({
      ...entry,
      state: "running",
    }));
    execution.onRunning?.();
    const end = { terminal, signals };
    const stopKeeping = keepScreen(stateFolder(world), plan.session, terminal.screen);
    const result = await runInBottle(app, bottle, end, async (outcome) => {
      await stopKeeping();
      return finishSession(app, factory, {
        bottle,
        entry: running,
        result: outcome,
        stopped: signals.next,
        isQuiet,
      });
    });
    await tellEnd(app, execution, result);
    return result.exitCode;
  } finally {
    progress.done();
    signals.stop();
    await removeOwnScratch(world);
    reaper.release();
  }
}

async function tellEnd(app: App, { prepared, terminal, isQuiet }: Execution, result: SessionResult) {
  const { plan } = prepared;
  writeLines(app, renderSessionEnd(plan, result, isQuiet));
  if (!terminal.isTerminal) return;
  // claude's own last words name a command that would run outside any bottle
  const receipt = await findReceipt(stateFolder(app.world), plan.session).catch(() => undefined);
  writeLines(app, renderResume(receipt));
}

/** What a failed launch may have left is for the next command, which finds it by the journal. */
async function launch(app: App, entry: JournalEntry, work: () => Promise<Bottle>): Promise<Bottle> {
  try {
    return await work();
  } catch (error) {
    if (!mayLeave(error)) await removeJournal(stateFolder(app.world), entry.session);
    throw error;
  }
}
