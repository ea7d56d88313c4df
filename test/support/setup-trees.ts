/** Volumes with what setups of a run have made. They outlive their sessions, so a test removes them itself. */
import { listVolumes, removeVolume } from "../../src/engine/volumes.ts";
import { labelsOf } from "./engine-gate.ts";
import type { TestRun } from "./engine-gate.ts";

/** Names, also of those that are not whole. */
export async function listTrees(run: TestRun): Promise<string[]> {
  const volumes = await listVolumes(run.engine, labelsOf(run));
  return volumes.map(({ name }) => name).filter((name) => name.startsWith("claude-bottle-tree-"));
}

export async function removeTrees(run: TestRun): Promise<void> {
  for (const name of await listTrees(run)) await removeVolume(run.engine, name);
}
