/** The engine's events of a session's containers, as what became of the bottle's parts. */
import type { Engine } from "../../engine/engine.ts";
import { openEvents } from "../../engine/system.ts";
import type { EngineEvent } from "../../engine/system.ts";
import type { PartEvent } from "../platform/running.ts";
import { isPartRole } from "./find-parts.ts";
import { labelKeys } from "./labels.ts";

/** Resolves once the engine has answered. */
export async function openPartEvents(
  engine: Engine,
  session: string,
  signal: AbortSignal,
): Promise<AsyncIterable<PartEvent>> {
  const filters = { label: [`${labelKeys.session}=${session}`], event: ["die", "oom"] };
  return readEvents(await openEvents(engine, filters, signal));
}

async function* readEvents(events: AsyncIterable<EngineEvent>): AsyncGenerator<PartEvent> {
  for await (const { Action, Actor } of events) {
    const role = Actor.Attributes[labelKeys.role];
    if (!isPartRole(role)) continue;
    yield Action === "oom"
      ? { role, what: "out-of-memory" }
      : { role, what: "ended", exitCode: Actor.Attributes["exitCode"] };
  }
}
