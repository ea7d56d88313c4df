/**
 * What a runtime leaves on this machine when it fails to start a container: a gVisor whose network does not start leaves its sandbox, its
 * gofer and the engine's shim, for which no container stands any more. They are looked for by the container's id.
 */
import { killAndRemoveContainer, startContainer } from "../../engine/containers.ts";
import { EngineError } from "../../engine/engine-error.ts";
import type { Engine } from "../../engine/engine.ts";

/** Ends the processes of a container that the engine has forgotten; a line for each that it may not end. */
export type EndProcesses = (containerId: string) => Promise<readonly string[]>;

/** For the end of a sentence; empty if nothing was left. */
export function renderLeft(left: readonly string[]): string {
  return left.length === 0 ? "" : `it left processes that only root can end: ${left.join(", ")}`;
}

/** Starts a container. If the engine says that it could not, the container goes, and so does what stands for it. */
export async function startOrEnd(
  engine: Engine,
  { name, id }: { readonly name: string; readonly id: string },
  endProcesses: EndProcesses,
): Promise<void> {
  try {
    await startContainer(engine, name);
  } catch (error) {
    // Without an answer it may well run
    if (!(error instanceof EngineError) || error.status === undefined) throw error;
    await killAndRemoveContainer(engine, id).catch(() => undefined);
    const left = renderLeft(await endProcesses(id));
    throw left === "" ? error : error.extended({ suffix: `; ${left}`, leavesBehind: true });
  }
}
