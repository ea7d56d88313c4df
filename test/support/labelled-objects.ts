/** What an engine has that carries labels. */
import { listContainers } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { listNetworks } from "../../src/engine/networks.ts";
import { listVolumes } from "../../src/engine/volumes.ts";

/** A launcher that has ended may have left the removal of volumes to the process behind it */
const removalLooks = 40;
const pauseMs = 100;

/** Names. Volumes alone are given a few seconds to go, since a session's end does not wait for them. */
export async function listLabelled(engine: Engine, labels: readonly string[]): Promise<string[]> {
  for (let look = 1; ; look += 1) {
    const [containers, networks, volumes] = await Promise.all([
      listContainers(engine, labels),
      listNetworks(engine, labels),
      listVolumes(engine, labels),
    ]);
    const others = [
      ...containers.map((one) => (one.Names[0] ?? one.Id).replace(/^\//, "")),
      ...networks.map((one) => one.name),
    ];
    if (volumes.length === 0 || others.length > 0 || look === removalLooks)
      return [...others, ...volumes.map((one) => one.name)];
    await Bun.sleep(pauseMs);
  }
}
