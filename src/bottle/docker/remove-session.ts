/** Removing all of one session by its label but its work, for when the process that made it is gone and cannot say what it had made. */
import { setTimeout } from "node:timers/promises";
import type { Engine } from "../../engine/engine.ts";
import { findSessionObjects, removeLeftovers } from "./leftovers.ts";

/** A create that was under way when its client died still comes to pass; looks are repeated until this many found nothing */
const quietLooks = 3;
const pauseMs = 700;

/** Removes a session's work, which nothing brings back afterwards. */
export async function discardWork(engine: Engine, session: string): Promise<string[]> {
  const found = await findSessionObjects(engine, session);
  return removeLeftovers(
    engine,
    found.filter((one) => one.holdsWork),
  );
}

/** Removes what is there now, and does not wait for what may yet come. Returns one line per thing that stayed. */
export async function removeAtOnce(engine: Engine, session: string): Promise<string[]> {
  const found = await findSessionObjects(engine, session);
  return removeLeftovers(
    engine,
    found.filter((one) => !one.holdsWork),
  );
}

/** Looks and removes until nothing comes any more. Returns one line per thing that could not be removed at the last look. */
export async function removeSession(engine: Engine, session: string): Promise<string[]> {
  let failures: string[] = [];
  for (let quiet = 0; quiet < quietLooks;) {
    const found = (await findSessionObjects(engine, session)).filter((one) => !one.holdsWork);
    failures = await removeLeftovers(engine, found);
    // What cannot be removed would be found for ever
    quiet = failures.length < found.length ? 0 : quiet + 1;
    if (quiet < quietLooks) await setTimeout(pauseMs);
  }
  return failures;
}
