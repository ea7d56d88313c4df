/** Executes a plan that was decided and approved: from the first secret to the last word about the end. */
import type { Bottles } from "../../bottle/bottles.ts";
import type { Bottle, Grants, SessionResult } from "../../bottle/bottle.ts";
import type { ExitCode } from "../../core/error.ts";
import type { Secret } from "../../core/secret.ts";
import { makeProgress, silentProgress } from "../../host/progress.ts";
import { startReaper } from "../../host/reaper.ts";
import { removeOwnScratch } from "../../host/scratch.ts";
import { findReceipt } from "../../host/session-records.ts";
import { watchSignals } from "../../host/signals.ts";
import { stateFolder } from "../../host/state.ts";
import { resetSequences } from "../../host/terminal.ts";
import type { UserTerminal } from "../../host/terminal.ts";
import type { World } from "../../host/world.ts";
import type { App } from "../app.ts";
import { addPlaceholders } from "../decide/bound-grants.ts";
import { finishSession } from "../end/finish-session.ts";
import type { EndingSession } from "../end/finish-session.ts";
import { readPassphrases, takeAnswers } from "../decide/grants.ts";
import type { EnvGrant } from "../decide/grants.ts";
import type { PreparedPlan } from "../decide/prepare-plan.ts";
import { makeLeaving } from "./leaving.ts";
import { runInBottle, writeLines } from "./run-in-bottle.ts";
import { renderResume, renderSessionEnd } from "../end/session-end.ts";
import { beginSession, makeReceipt } from "../store/begin-session.ts";
import type { StoredSession } from "../store/stored-session.ts";
import { ensureTree } from "./ensure-tree.ts";
import { limitTime } from "./time-limit.ts";
import { readToken } from "../decide/token.ts";
import { readProxyAuthorization } from "../decide/upstream-proxy.ts";
import { mayLeave } from "./watched-session.ts";

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

/** An engine takes a second or more to remove them */
const manyFiles = 10_000;

/** Does and undoes. From here on secrets exist, and every way out goes through `destroy`. */
export async function runPlan(app: App, bottles: Bottles, execution: Execution): Promise<ExitCode> {
  const { prepared, hasTranscript, engine } = execution;
  const { plan, files } = prepared;
  const { world } = app;
  const grants = await readGrants(world.env, execution);
  const leaving = makeLeaving(world, execution.terminal, plan.onHangup === "detach");
  const { terminal } = leaving;
  const signals = limitTime(watchSignals(world.stdout, terminal, leaving.onHangup), execution.timeoutMs);
  const progress = execution.isQuiet ? silentProgress : makeProgress(world, execution.isVerbose);
  await ensureTree(app, bottles, prepared, { progress, signals });
  // Both before the first object exists, so that whatever ends this process, somebody is there to undo it and knows what
  const stored = await beginSession(app, prepared, { hasTranscript });
  const reaper = beginReaper(app, plan.session, terminal);
  let removalGoesOn = false;
  try {
    const bottle = await launch(stored, () =>
      bottles.launch({ plan, grants, files, terminal, progress, signal: signals.signal }),
    );
    const receipt = makeReceipt(app.version, prepared, { engine, startedAt: stored.entry.startedAt });
    // A record that cannot be written is no reason to lose the work
    await stored.markRunning(receipt).catch(() => undefined);
    bottle.onFrozen((isFrozen) => void stored.noteFrozen(isFrozen));
    execution.onRunning?.();
    leaving.begin(plan.bottleName, reaper.forgetTerminal);
    const stopKeeping = stored.keepScreen(terminal.screen);
    const result = await runInBottle(app, bottle, { terminal, signals }, async (outcome) => {
      await stopKeeping();
      const finished = await finishSession(app, bottles, {
        bottle,
        stored,
        result: outcome,
        stopped: signals.next,
        ...describeEnd(execution),
      });
      ({ removalGoesOn } = finished);
      return finished;
    });
    await tellEnd(app, execution, result);
    return result.exitCode;
  } finally {
    progress.done();
    signals.stop();
    await removeOwnScratch(world);
    if (removalGoesOn) reaper.handOver();
    else reaper.release();
  }
}

function beginReaper({ world, selfCommand }: App, session: string, terminal: UserTerminal) {
  return startReaper(world, {
    command: [...selfCommand, "reap-session", "--wait", session],
    resetSequences: terminal.isTerminal ? resetSequences : "",
  });
}

function describeEnd({ prepared, isQuiet }: Execution): Pick<EndingSession, "isQuiet" | "hasManyFiles"> {
  return { isQuiet, hasManyFiles: (prepared.plan.workspace?.files ?? 0) > manyFiles };
}

/** Asks for what was not given. */
async function readGrants(env: World["env"], { prepared, answers, passphrases }: Execution): Promise<Grants> {
  const { plan, sshKeys } = prepared;
  return {
    env: addPlaceholders(plan.env, answers ?? (await takeAnswers(plan, env))),
    token: readToken(env, plan.token),
    sshKeys,
    sshPassphrases: passphrases ?? (await readPassphrases(plan.ssh)),
    proxyAuthorization: readProxyAuthorization(env, plan.egress.proxy),
  };
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
async function launch(stored: StoredSession, work: () => Promise<Bottle>): Promise<Bottle> {
  try {
    return await work();
  } catch (error) {
    if (!mayLeave(error)) await stored.forget();
    throw error;
  }
}
