/** Who a process is beyond its pid, which the system gives out again: the boot and the moment it started. */
import { readFile } from "node:fs/promises";

export interface ProcessIdentity {
  readonly bootId: string;
  readonly pid: number;
  /** Clock ticks since boot, or the start date where there is no /proc; empty if it cannot be told */
  readonly startTime: string;
}

/** The identity of a process that runs now. */
export async function readProcessIdentity(pid: number): Promise<ProcessIdentity> {
  const [bootId, startTime] = await Promise.all([readBootId(), readStartTime(pid)]);
  return { bootId, pid, startTime: startTime ?? "" };
}

/** True if that very process still runs. A process of another boot or another machine does not. */
export async function isProcessAlive(identity: ProcessIdentity): Promise<boolean> {
  if (identity.bootId !== (await readBootId())) return false;
  return (await readStartTime(identity.pid)) === identity.startTime;
}

async function readBootId(): Promise<string> {
  const linux = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => undefined);
  return linux?.trim() ?? (await run(["sysctl", "-n", "kern.bootsessionuuid"])) ?? "unknown";
}

/** Field 22 of /proc/<pid>/stat; the name in field 2 may hold spaces and parentheses, so counting starts behind the last one. */
async function readStartTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat !== undefined) return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return (await run(["ps", "-o", "lstart=", "-p", String(pid)]))?.replaceAll(/\D+/g, "");
}

async function run(command: string[]): Promise<string | undefined> {
  try {
    const child = Bun.spawn(command, { stdout: "pipe", stderr: "ignore", stdin: "ignore" });
    const text = (await new Response(child.stdout).text()).trim();
    return (await child.exited) === 0 && text !== "" ? text : undefined;
  } catch {
    return undefined;
  }
}
