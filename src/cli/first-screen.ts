/** What the program alone, without a word, shows to whoever sits at a terminal. */
import { listJournal } from "../host/journal.ts";
import { isProcessAlive } from "../host/process-identity.ts";
import { stateFolder } from "../host/state.ts";
import type { App } from "../session/app.ts";

/** By this machine's own notes, so that no engine is asked. False where there is no terminal or no sound environment. */
export async function hasRunningBottles(makeApp: () => Promise<App>): Promise<boolean> {
  try {
    const { world } = await makeApp();
    if (world.stdout.isTTY !== true || world.stdin.isTTY !== true) return false;
    const entries = (await listJournal(stateFolder(world))).filter(
      (entry) => entry.state === "running" && !entry.isProbe,
    );
    return (await Promise.all(entries.map((entry) => isProcessAlive(entry.owner)))).includes(true);
  } catch {
    return false;
  }
}
