/**
 * The gate in front of all that is made of a plan other than a start: an image is built and a bottle is verified by the words of a
 * manifest, which is somebody else's until it was approved.
 */
import type { Bottles } from "../../bottle/bottles.ts";
import { askYesNo, canAsk } from "../../host/prompt.ts";
import { stateFolder } from "../../host/state.ts";
import { screenOf } from "../../host/world.ts";
import { renderPreflight } from "../../plan/preflight.ts";
import type { App } from "../app.ts";
import { isCovered, notCovered, readPolicyState, remember } from "./approval.ts";
import { fetchApproved } from "./fetch-approved.ts";
import type { Decision } from "./look-at-agent.ts";

export interface Undertaking {
  /** As an error names it: `build` */
  readonly action: string;
  /** `Build this image?` */
  readonly question: string;
}

/**
 * What may be done now, or undefined after a no. A plan that is the home file's alone, or was approved in this form, is not asked about;
 * another is shown and asked about, and where nobody can be asked that is an error.
 */
export async function requireApproval(
  app: App,
  bottles: Bottles,
  decision: Decision,
  { action, question }: Undertaking,
): Promise<Decision | undefined> {
  const { world } = app;
  const { prepared, manifests, engine } = decision;
  const { plan } = prepared;
  const folder = stateFolder(world);
  const state = await readPolicyState(folder, plan, manifests);
  const isAsked = !isCovered(plan, state);
  if (isAsked) {
    if (!canAsk(world)) throw notCovered(plan, state, action);
    world.stderr.write(renderPreflight(plan, { ...state, engine, ...screenOf(world, world.stderr) }));
    if (!askYesNo(question)) return undefined;
  }
  const fetched = await fetchApproved(app, bottles, decision);
  if (isAsked || fetched !== decision) await remember(folder, state, fetched.prepared.plan);
  return fetched;
}
