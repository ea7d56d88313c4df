/** What a script prints in a container of an image, without a network. */
import { killAndRemoveContainer, openWait, readLogs, startContainer } from "../../src/engine/containers.ts";
import { readFrames } from "./container-output.ts";
import { createShell } from "./engine-gate.ts";
import type { TestRun } from "./engine-gate.ts";

/** Runs it as root to its end. The log is read after that: one that is followed may be empty for what ends at once. */
export async function runInImage(run: TestRun, image: string, script: string): Promise<string> {
  const { engine } = run;
  const id = await createShell(run, crypto.randomUUID().slice(0, 8), script, { Image: image, User: "0:0" });
  try {
    const { exit } = await openWait(engine, id);
    await startContainer(engine, id);
    await exit;
    return (await readFrames(readLogs(engine, id, { follow: false }))).stdout;
  } finally {
    await killAndRemoveContainer(engine, id);
  }
}
