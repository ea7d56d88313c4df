/**
 * An image of others is approved as what its name means now. Where it is not there yet, nobody can tell what that is before it has been
 * fetched; this is done after the yes, and the approval covers what was fetched.
 */
import type { Bottles } from "../../bottle/bottles.ts";
import { makeProgress } from "../../host/progress.ts";
import { watchSignals } from "../../host/signals.ts";
import { findForeignImage } from "../../plan/describe-devcontainer.ts";
import type { App } from "../app.ts";
import type { Decision } from "./look-at-agent.ts";

/** The same decision unless something had to be fetched. */
export async function fetchApproved(app: App, bottles: Bottles, decision: Decision): Promise<Decision> {
  const { plan } = decision.prepared;
  const { image, services = [] } = plan;
  const foreign = findForeignImage(image);
  const named = [{ ...image, name: foreign }, ...services.map((one) => ({ ...one, name: one.image }))];
  const absent = named.flatMap(({ name, resolved }) =>
    name === undefined || resolved !== "absent" ? [] : [name],
  );
  if (absent.length === 0) return decision;
  const ids = new Map<string | undefined, string>();
  for (const name of new Set(absent)) ids.set(name, await fetchImage(app, bottles, name));
  const resolve = <T extends { readonly resolved?: string | undefined }>(one: T, name: string | undefined) =>
    one.resolved === "absent" ? { ...one, resolved: ids.get(name) } : one;
  const fetched = {
    ...plan,
    image: resolve(image, foreign),
    ...(plan.services && { services: services.map((one) => resolve(one, one.image)) }),
  };
  return { ...decision, prepared: { ...decision.prepared, plan: fetched } };
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
