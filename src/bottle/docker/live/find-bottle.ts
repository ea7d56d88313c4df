/** From what the user typed to the containers of one running bottle. */
import type { IsAlive } from "../../../core/process-owner.ts";
import { BottleError } from "../../../core/error.ts";
import { quote } from "../../../core/text.ts";
import { listContainers } from "../../../engine/containers.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { RunningBottle } from "../../bottle.ts";
import { pickBottle } from "../../pick-bottle.ts";
import { labelKeys } from "../labels.ts";
import { listBottles } from "../leftovers.ts";

export interface FoundBottle {
  readonly bottle: RunningBottle;
  /** Container ids */
  readonly gate: string;
  /** Undefined if the bottle runs without pipelock */
  readonly pipelock: string | undefined;
}

/** The part that reading a log needs */
export type FoundSidecar = Pick<FoundBottle, "gate" | "pipelock">;

/** What there still is of a session's sidecar, running or not; undefined without a gate. */
export async function findSidecar(engine: Engine, session: string): Promise<FoundSidecar | undefined> {
  const all = await listContainers(engine, [`${labelKeys.session}=${session}`]);
  const find = (role: string) => all.find((one) => one.Labels[labelKeys.role] === role)?.Id;
  const gate = find("gate");
  return gate === undefined ? undefined : { gate, pipelock: find("pipelock") };
}

/** Finds a bottle by its whole name or by the only name that begins so. Throws with what runs. */
export async function findBottle(engine: Engine, typed: string, isAlive: IsAlive): Promise<FoundBottle> {
  const bottle = pickBottle(await listBottles(engine, isAlive), typed);
  const find = async (role: string) => {
    const labels = [`${labelKeys.session}=${bottle.session}`, `${labelKeys.role}=${role}`];
    return (await listContainers(engine, labels))[0];
  };
  const [gate, pipelock] = await Promise.all([find("gate"), find("pipelock")]);
  if (gate?.State !== "running") throw noSidecar(bottle);
  return { bottle, gate: gate.Id, pipelock: pipelock?.Id };
}

function noSidecar(bottle: RunningBottle): BottleError {
  return new BottleError({
    code: "sidecar",
    message: `Cannot reach the sidecar of ${quote(bottle.name)}: its gate is not running`,
    hint: 'The bottle has no network meanwhile; if nothing mends it, end the session and run "claude-bottle cleanup".',
  });
}
