/** Lets a test decide between runc and gVisor: it writes what an earlier smoke probe would have left in the state folder. */
import { test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { probeKey } from "../../src/bottle/docker/runtime.ts";
import type { ProbeResult } from "../../src/protocol/probe-result.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { readInfo } from "../../src/engine/system.ts";

export type RuntimeChoice = "runc" | "runsc";

/** The runtimes this engine has, for `test.each`; a test of the file that is skipped stands for those under one that it has not. */
export async function listRuntimes(engine: Engine): Promise<RuntimeChoice[]> {
  const runtimes = await findRuntimes(engine);
  if (!runtimes.includes("runsc")) test.skip("under runsc: the engine has no gVisor", () => undefined);
  return runtimes;
}

/** The runtimes this engine has. */
export async function findRuntimes(engine: Engine): Promise<RuntimeChoice[]> {
  const { Runtimes } = await readInfo(engine);
  return Object.hasOwn(Runtimes, "runsc") ? ["runc", "runsc"] : ["runc"];
}

/** Prepares a home folder. With `runc`, gVisor counts as registered but unable to start. */
export async function chooseRuntime(engine: Engine, home: string, choice: RuntimeChoice): Promise<void> {
  const result: ProbeResult =
    choice === "runsc" ? { starts: true } : { starts: false, problem: "a test says so" };
  const folder = join(home, ".local/state/claude-bottle");
  await mkdir(folder, { recursive: true });
  const cache = { [probeKey(await readInfo(engine))]: result };
  await writeFile(join(folder, "runtime-probes.json"), JSON.stringify(cache));
}
