/** From a session to the parts of its running bottle. */
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import type { RunningBottle } from "../bottle.ts";
import type { Sidecar } from "../egress/read-egress.ts";
import { madeByLater } from "../later-version.ts";
import type { Part } from "../platform/part.ts";
import type { FoundParts, Parts, Running } from "../platform/running.ts";

export interface FoundBottle extends Sidecar {
  readonly bottle: RunningBottle;
}

/** What there still is of a session's sidecar, running or not; undefined without a gate. */
export async function findSidecar(platform: Running, session: string): Promise<Sidecar | undefined> {
  const { gate, pipelock } = await platform.findParts(session);
  return gate && { gate, pipelock };
}

/** A bottle and its sidecar, whose gate runs. */
export async function findBottle(platform: Running, session: string): Promise<FoundBottle> {
  const found = await platform.find(session);
  const bottle = requireBottle(found, session);
  const { gate, pipelock } = found.parts;
  if (!gate?.isRunning) throw noSidecar(bottle);
  return { bottle, gate, pipelock };
}

/** The parts that there still are of a session; rejects for a bottle of a later version. */
export async function refuseLater(platform: Running, session: string): Promise<Parts> {
  const { bottle, parts } = await platform.find(session);
  if (bottle?.laterVersion !== undefined) throw madeByLater(bottle.name, bottle.laterVersion);
  return parts;
}

/** A bottle and its agent. */
export async function findAgent(
  platform: Running,
  session: string,
): Promise<{ readonly bottle: RunningBottle; readonly agent: Part; readonly gate: Part | undefined }> {
  const found = await platform.find(session);
  const bottle = requireBottle(found, session);
  const { agent, gate } = found.parts;
  if (!agent) throw hasEnded(bottle.name);
  return { bottle, agent, gate };
}

/** A bottle with its agent, and with a gate that runs. */
export async function findWhole(
  platform: Running,
  session: string,
): Promise<{ readonly bottle: RunningBottle; readonly agent: Part; readonly gate: Part }> {
  const { bottle, agent, gate } = await findAgent(platform, session);
  if (!gate?.isRunning) throw noSidecar(bottle);
  return { bottle, agent, gate };
}

function requireBottle({ bottle }: FoundParts, session: string): RunningBottle {
  if (!bottle) throw hasEnded(session);
  if (bottle.laterVersion !== undefined) throw madeByLater(bottle.name, bottle.laterVersion);
  return bottle;
}

function noSidecar(bottle: RunningBottle): BottleError {
  return new BottleError({
    code: "sidecar",
    message: `Cannot reach the sidecar of ${quote(bottle.name)}: its gate is not running`,
    hint: 'The bottle has no network until then; if it does not come back, end the session and run "claude-bottle cleanup".',
  });
}

/** `name`: of the bottle, or of the session where no bottle of it is there any more. */
function hasEnded(name: string): BottleError {
  return new BottleError({
    code: "session",
    message: `Cannot reach the agent of ${quote(name)}: it has just ended`,
    hint: 'See "claude-bottle list".',
  });
}
