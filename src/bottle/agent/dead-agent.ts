/**
 * An agent that is dead in a container that runs on. Under gVisor the host's kernel ends the process that stands for claude when the
 * memory limit is reached, and the sandbox does not notice: claude stays a zombie, and the session would never end.
 */
import { setTimeout } from "node:timers/promises";
import type { Part } from "../platform/part.ts";

/** A claude that was really ended takes its container with it at once */
const pauseMs = 1_500;
/** `/proc/<pid>/stat` of every process, a line each */
const listProcesses = [
  "/bin/sh",
  "-c",
  'for one in /proc/[0-9]*/stat; do read -r line <"$one" && echo "$line"; done',
];

/** Looks after a moment, and ends the container if nothing in it is claude any more. */
export async function endIfDead(agent: Part): Promise<void> {
  await setTimeout(pauseMs);
  if (!(await agent.state()).isRunning) return;
  const { stdout } = await agent.run({ command: listProcesses });
  if (isMainDead(stdout)) await agent.stop(0);
}

/**
 * The oldest child of the first process is claude, or the program of ours that waits for claude to end; a state of `Z` says that it has
 * ended, and nobody has taken note.
 */
export function isMainDead(stats: string): boolean {
  const processes = stats.split("\n").flatMap((line) => {
    // The name may hold anything, brackets included
    const [, pid, name, state, parent] = /^(\d+) \((.*)\) (\S) (\d+) /.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), name, state, parent: Number(parent) }];
  });
  const oldestOf = (parent: number) =>
    processes.filter((one) => one.parent === parent).toSorted((a, b) => a.pid - b.pid)[0];
  const main = oldestOf(1);
  return main?.state === "Z" || (main?.name === "perl" && oldestOf(main.pid)?.state === "Z");
}
