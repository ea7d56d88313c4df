/** The sidecar's end, begun while the engine is still busy with the agent's. */
import type { Engine } from "../../engine/engine.ts";
import { killContainer } from "../../engine/kill-container.ts";
import { disconnectNetwork, removeNetwork } from "../../engine/networks.ts";
import type { SidecarEnd } from "../platform/ground.ts";
import type { ObjectNames } from "./labels.ts";
import type { BottleNetworks } from "./networks.ts";

/**
 * Takes the way out away first: the engine removes one network after the other, and this one can go while the containers still end, which
 * saves a fifth to a quarter of the whole. The gate is asked to end, since it still has to tell what it has counted. Only begins what
 * `destroy` does as well, so whatever fails here is done there. With `isAside` the network is left to it altogether: while the engine
 * disconnects the gate it does not tell of its end.
 */
export async function endSidecar(
  engine: Engine,
  names: ObjectNames,
  { egressId }: BottleNetworks,
  { gateSettled, isAside }: SidecarEnd,
): Promise<void> {
  if (isAside) return killContainer(engine, names.gate, "SIGTERM");
  const wayOut = await egressId;
  await Promise.all([
    killContainer(engine, names.gate, "SIGTERM"),
    disconnectNetwork(engine, wayOut, names.gate),
  ]);
  await Promise.all([
    removeNetwork(engine, wayOut),
    gateSettled().then(() => killContainer(engine, names.gate)),
    killContainer(engine, names.pipelock),
  ]);
}
