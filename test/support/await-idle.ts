/** The end of what goes on by itself in a home folder of a test: a reaper, or what a command has left to a process beside it. */
import { readFile, readdir } from "node:fs/promises";
import { patient } from "./patience.ts";

/** What has not ended by then is not going to */
const limitMs = 15_000;
const pauseMs = 50;

/**
 * Resolves once no process has its home below the folder. One that still ran would write there after the folder's removal, and so make it
 * anew.
 */
export async function awaitIdle(folder: string): Promise<void> {
  for (const end = performance.now() + patient(limitMs); performance.now() < end; await Bun.sleep(pauseMs))
    if (!(await hasProcess(folder))) return;
}

async function hasProcess(folder: string): Promise<boolean> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")),
  );
  return environments.some((text) =>
    text.split("\0").some((one) => one === `HOME=${folder}` || one.startsWith(`HOME=${folder}/`)),
  );
}
