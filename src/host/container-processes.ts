/** Processes on this machine that stand for a container: a runtime that fails half-way leaves them, and the engine knows them no more. */
import { readFile, readdir } from "node:fs/promises";
import { basename } from "node:path";

/** The runtime's own, and the engine's, one of which there is for each container */
const programs = /^(?:runsc|containerd-shim)/;
const idPattern = /^[0-9a-f]{64}$/;

/**
 * Ends what bears the container's id, which the engine drew by chance for this one, so that nobody else's process has it. Returns a line
 * for each that this user may not end. On a machine that is not the engine's there is none, and without /proc none is seen.
 */
export async function endContainerProcesses(containerId: string): Promise<readonly string[]> {
  if (!idPattern.test(containerId)) return [];
  const names = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    names.map(async (pid) => {
      const words = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
      const program = basename(words[0] ?? "");
      const isIts = words.slice(1).some((word) => word.split("/").includes(containerId));
      return programs.test(program) && isIts ? end(Number(pid), program) : [];
    }),
  );
  return lines.flat();
}

function end(pid: number, program: string): string[] {
  try {
    process.kill(pid, "SIGKILL");
    return [];
  } catch (error) {
    const isGone = error instanceof Error && "code" in error && error.code === "ESRCH";
    return isGone ? [] : [`${program} (${pid})`];
  }
}
