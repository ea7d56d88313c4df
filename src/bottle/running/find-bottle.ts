/** From what the user typed to the parts of one running bottle. */
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import type { RunningBottle } from "../bottle.ts";
import type { Sidecar } from "../egress/read-egress.ts";
import type { Part } from "../part.ts";
import { pickBottle } from "../pick-bottle.ts";
import type { Platform } from "../platform.ts";

export interface FoundBottle extends Sidecar {
  readonly bottle: RunningBottle;
}

/** What there still is of a session's sidecar, running or not; undefined without a gate. */
export async function findSidecar(platform: Platform, session: string): Promise<Sidecar | undefined> {
  const { gate, pipelock } = await platform.findParts(session);
  return gate && { gate, pipelock };
}

/** Finds a bottle by its whole name or by the only name that begins so. Throws with what runs. */
export async function findBottle(platform: Platform, typed: string): Promise<FoundBottle> {
  const bottle = pickBottle(await platform.list(), typed);
  const sidecar = await findSidecar(platform, bottle.session);
  if (!sidecar?.gate.isRunning) throw noSidecar(bottle);
  return { bottle, ...sidecar };
}

/** The agent of a bottle that was just listed. */
export async function findAgent(
  platform: Platform,
  bottle: RunningBottle,
): Promise<{ readonly bottle: RunningBottle; readonly agent: Part; readonly gate: Part | undefined }> {
  const { agent, gate } = await platform.findParts(bottle.session);
  if (!agent) throw hasEnded(bottle);
  return { bottle, agent, gate };
}

function noSidecar(bottle: RunningBottle): BottleError {
  return new BottleError({
    code: "sidecar",
    message: `Cannot reach the sidecar of ${quote(bottle.name)}: its gate is not running`,
    hint: 'The bottle has no network meanwhile; if nothing mends it, end the session and run "claude-bottle cleanup".',
  });
}

function hasEnded(bottle: RunningBottle): BottleError {
  return new BottleError({
    code: "session",
    message: `Cannot reach the agent of ${quote(bottle.name)}: it has just ended`,
    hint: 'See "claude-bottle list".',
  });
}
