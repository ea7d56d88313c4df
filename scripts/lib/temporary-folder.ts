/** Folders of scripts below the system's temporary one. */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** A folder for as long as this process lives: it goes with its end, also by a failure or one of the signals that people send. */
export async function makeTemporaryFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const [signal, number] of Object.entries(signals))
    process.once(signal, () => process.exit(128 + number));
  return folder;
}
