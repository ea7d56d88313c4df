/** A test's way to break the walls around a bottle that is up: its agent joins networks that it must not be in. */
import type { Engine } from "../../../engine/engine.ts";
import { connectNetwork } from "../../../engine/networks.ts";
import type { ObjectNames } from "../labels.ts";
import type { Weaknesses } from "./weakness.ts";

/** Takes away what networks can take away once the containers are there; nothing without a weakness. */
export async function breakWalls(
  engine: Engine,
  subject: ObjectNames,
  sibling: ObjectNames,
  weaknesses: Weaknesses = new Set(),
): Promise<void> {
  if (weaknesses.has("sibling")) await connectNetwork(engine, sibling.internal, subject.agent, {});
  if (weaknesses.has("egress-network")) await connectNetwork(engine, subject.egress, subject.agent, {});
}
