/** Who a process is beyond its pid, which the system gives out again: the boot and the moment it started. */
import { createHash } from "node:crypto";
import { readFile, readlink } from "node:fs/promises";
import type { ProcessOwner } from "../core/process-owner.ts";
import { systemPath } from "./program-path.ts";

/** The identity of a process that runs now. */
export async function readProcessIdentity(pid: number): Promise<ProcessOwner> {
  const [bootId, startTime, machineId, pidNamespace] = await Promise.all([
    readBootId(),
    readStartTime(pid),
    readMachineId(),
    readPidNamespace(),
  ]);
  return { bootId, pid, startTime: startTime ?? "", machineId, pidNamespace };
}

/**
 * True if that very process still runs; one of an earlier boot does not. True as well for what cannot be judged from here, a process of
 * another machine or another container: whoever asks does so in order to remove what is left, and engines and homes are shared.
 */
export async function isProcessAlive(identity: ProcessOwner): Promise<boolean> {
  const [bootId, machineId, pidNamespace] = await Promise.all([
    readBootId(),
    readMachineId(),
    readPidNamespace(),
  ]);
  if (differs(identity.machineId, machineId)) return true;
  if (identity.bootId !== bootId) return false;
  if (differs(identity.pidNamespace, pidNamespace)) return true;
  return (await readStartTime(identity.pid)) === identity.startTime;
}

/** What is not known differs from nothing. */
function differs(theirs: string | undefined, ours: string): boolean {
  return Boolean(theirs) && ours !== "" && theirs !== ours;
}

/** The id itself is meant to stay on its machine (machine-id(5)), and labels go to engines that others can read. */
async function readMachineId(): Promise<string> {
  const linux = await readFile("/etc/machine-id", "utf8").catch(() => undefined);
  const id = linux?.trim() || (await run(["sysctl", "-n", "kern.uuid"]));
  return id === undefined
    ? ""
    : createHash("sha256").update(`claude-bottle ${id}`).digest("hex").slice(0, 12);
}

async function readPidNamespace(): Promise<string> {
  const link = await readlink("/proc/self/ns/pid").catch(() => "");
  return /\d+/.exec(link)?.[0] ?? "";
}

async function readBootId(): Promise<string> {
  const linux = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => undefined);
  return linux?.trim() ?? (await run(["sysctl", "-n", "kern.bootsessionuuid"])) ?? "unknown";
}

/**
 * Field 22 of /proc/<pid>/stat; the name in field 2 may hold spaces and parentheses, so counting starts after the last one. A
 * zombie has ended, whoever forgot to wait for it. `ps` tells a date, in the words of a time zone and a language.
 */
async function readStartTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat !== undefined) {
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return /^[ZX]/.test(fields[0] ?? "") ? undefined : fields[19];
  }
  const date = await run(["env", "TZ=UTC0", "LC_ALL=C", "ps", "-o", "lstart=", "-p", String(pid)]);
  const time = date === undefined ? Number.NaN : Date.parse(`${date} UTC`);
  return Number.isNaN(time) ? undefined : String(time / 1000);
}

async function run(command: string[]): Promise<string | undefined> {
  try {
    const child = Bun.spawn(command, {
      stdout: "pipe",
      stderr: "ignore",
      stdin: "ignore",
      env: { PATH: systemPath },
    });
    const text = (await new Response(child.stdout).text()).trim();
    return (await child.exited) === 0 && text !== "" ? text : undefined;
  } catch {
    return undefined;
  }
}
