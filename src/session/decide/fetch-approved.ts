/**
 * An image of others is approved as what its name means now. Where it is not there yet, nobody can tell what that is before it has been
 * fetched; this is done after the yes, and the approval covers what was fetched.
 */
import type { Bottles } from "../../bottle/bottles.ts";
import { makeProgress } from "../../host/progress.ts";
import { watchSignals } from "../../host/signals.ts";
import { findForeignImage } from "../../plan/devcontainer-plan.ts";
import type { App } from "../app.ts";
import type { Decision } from "./look-at-agent.ts";

/** The same decision unless something had to be fetched. */
export async function fetchApproved(app: App, bottles: Bottles, decision: Decision): Promise<Decision> {
  const { plan } = decision.prepared;
  const { resolved } = plan.image;
  const name = findForeignImage(plan.image);
  if (name === undefined || resolved !== "absent") return decision;
  const id = await fetchImage(app, bottles, name);
  const image = { ...plan.image, resolved: id };
  return { ...decision, prepared: { ...decision.prepared, plan: { ...plan, image } } };
}

/** Asks whoever has it, also where it is there already. Gives its id. */
export async function fetchImage({ world }: App, bottles: Bottles, name: string): Promise<string> {
  const signals = watchSignals(world.stdout);
  const progress = makeProgress(world, false);
  try {
    return await bottles.fetchImage(name, { progress, signal: signals.signal });
  } finally {
    progress.done();
    signals.stop();
  }
}
