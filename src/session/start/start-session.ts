/** A start from its words to its exit code: decide, show, ask; what follows is `run-plan.ts`. */
import type { Bottles } from "../../bottle/bottles.ts";
import type { ImageRequest } from "../../bottle/bottle.ts";
import { exitCodes } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import type { ExitCode } from "../../core/error.ts";
import { findAddresses } from "../../host/addresses.ts";
import { canAsk } from "../../host/prompt.ts";
import { stateFolder } from "../../host/state.ts";
import type { UserTerminal } from "../../host/terminal.ts";
import { screenOf, shortenPath } from "../../host/world.ts";
import type { World } from "../../host/world.ts";
import { findAgent } from "../../plan/make-plan.ts";
import { renderPlanJson } from "../../plan/plan-json.ts";
import { renderPreflight } from "../../plan/preflight.ts";
import type { BottlePlan, ImagePlan } from "../../plan/plan.ts";
import { renderOneLine, renderSummary } from "../../plan/summary.ts";
import type { StartOptions } from "../../protocol/hand-over.ts";
import type { App } from "../app.ts";
import { approve, isApproved, readPolicyState, remember } from "../decide/approval.ts";
import { requireKnownRoom } from "../decide/exec-room.ts";
import { fetchApproved } from "../decide/fetch-approved.ts";
import { requireNoQuestions } from "../decide/grants.ts";
import type { Decision } from "../decide/look-at-agent.ts";
import { openTerminal } from "../run/open-terminal.ts";
import { preparePlan } from "../decide/prepare-plan.ts";
import { readManifest } from "../decide/read-manifest.ts";
import { makeSessionId } from "../decide/session-id.ts";
import { runPlan } from "../run/run-plan.ts";
import { findTokenOrigin, takeStoredToken } from "../decide/stored-token.ts";
import { askToken, findToken, readToken } from "../decide/token.ts";

export interface StartRequest extends StartOptions {
  /** In place of the user's own terminal */
  readonly openTerminal?: (world: World) => UserTerminal;
  /** Executes what was approved, in place of this process; `app` has the token that was asked for */
  readonly execute?: (app: App, approved: Decision) => Promise<ExitCode>;
}

/** Runs the whole of it. The exit code is claude's own unless the session did not come about. */
export async function startAgentSession(app: App, request: StartRequest): Promise<ExitCode> {
  const { world } = app;
  const terminal = request.openTerminal
    ? request.openTerminal(world)
    : openTerminal(app, request.allowsClipboard);
  const bottles = await app.openBottles();
  const decision = await decide(app, bottles, request, {
    session: makeSessionId(),
    hasTerminal: request.hasTerminal ?? terminal.isTerminal,
  });
  const { manifests } = decision;
  const { plan } = decision.prepared;
  if (world.temporaryState !== undefined && !request.isDryRun && !request.isQuiet)
    world.stderr.write(`${describeState(world.temporaryState)}\n`);
  if (request.asksNothing && !request.isDryRun) requireNoQuestions(plan);
  const folder = stateFolder(world);
  const policy = await readPolicyState(folder, plan, manifests);
  const showDetails = (stream: World["stderr"]) =>
    void stream.write(renderPreflight(plan, { ...decision, ...policy, ...screenOf(world, stream) }));
  if (request.isDryRun) {
    if (request.isJson) world.stdout.write(renderPlanJson(plan));
    else showDetails(world.stdout);
    return exitCodes.ok;
  }
  const isBrief = isApproved(policy) && !request.isVerbose;
  if (isBrief && !request.isQuiet) showBriefly(world, plan, request.isYes);
  else if (!request.isQuiet) showDetails(world.stderr);
  if (
    !approve(plan, policy, { ...request, showDetails: isBrief ? () => showDetails(world.stderr) : undefined })
  ) {
    world.stderr.write("Not started.\n");
    return exitCodes.ok;
  }
  const approved = await fetchApproved(app, bottles, decision);
  if (!isApproved(policy) || approved !== decision) await remember(folder, policy, approved.prepared.plan);
  const ready = plan.token ? { app, decision: approved } : await answerToken(app, approved);
  if (request.execute) return request.execute(ready.app, ready.decision);
  const { prepared, engine } = ready.decision;
  return runPlan(ready.app, bottles, { ...request, prepared, terminal, engine });
}

function describeState(folder: string): string {
  return `The home folder cannot be written, so records of sessions are in ${escapeForTerminal(folder)}.`;
}

/** What nobody needs to read again: one screen above a question, one line without. */
function showBriefly(world: World, plan: BottlePlan, isYes: boolean): void {
  const context = { ...screenOf(world, world.stderr), shorten: (path: string) => shortenPath(path, world) };
  world.stderr.write(isYes ? renderOneLine(plan, context) : renderSummary(plan, context));
}

/** The token as if it had been in the environment from the start, which no variable of this machine holds. */
async function answerToken(
  app: App,
  decision: Decision,
): Promise<{ readonly app: App; readonly decision: Decision }> {
  const { prepared } = decision;
  const { tokenOrigin, ...plan } = prepared.plan;
  const env = tokenOrigin ? await takeStoredToken(app.world, tokenOrigin) : await askToken(app.world.env);
  return {
    app: { ...app, world: { ...app.world, env } },
    decision: { ...decision, prepared: { ...prepared, plan: { ...plan, token: findToken(env) } } },
  };
}

/** Looks at manifest, host and engine, and makes the plan. */
export async function decide(
  app: App,
  bottles: Bottles,
  request: StartRequest,
  { session, hasTerminal }: { readonly session: string; readonly hasTerminal: boolean },
): Promise<Decision> {
  const { world } = app;
  const { files, manifest } = await readManifest(world);
  const { agent, bottle } = findAgent(manifest, request.agentName);
  requireKnownRoom({ agent, bottle }, request.claudeArguments, world.env);
  const token = findToken(world.env);
  // Known without the engine, so it is said before the engine is asked for anything
  const tokenOrigin = token === undefined ? await findTokenOrigin(world) : undefined;
  const isAsked = token === undefined && !request.isYes && canAsk(world);
  if (!request.isDryRun && !isAsked && !tokenOrigin) readToken(world.env, token);
  const observe = (image: ImageRequest) => bottles.observe(image);
  const findTree = async (key: string, image: ImagePlan) => (await bottles.findTree(key, image))?.madeAt;
  const prepared = await preparePlan(
    { world, settings: app.settings, session, findAddresses, observe, findTree },
    { ...request, agent, bottle, files, token, tokenOrigin, hasTerminal },
  );
  return { prepared, manifests: files, engine: prepared.engine };
}
