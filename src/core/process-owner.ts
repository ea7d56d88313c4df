/**
 * A process as a value that outlives it: it is the same only if boot, pid and start time are the same, since pids are used again. No wall
 * clock is involved.
 */
export interface ProcessOwner {
  readonly bootId: string;
  readonly pid: number;
  /** Clock ticks since boot (`/proc/<pid>/stat` field 22), or seconds since 1970 where there is no /proc; empty if it cannot be told */
  readonly startTime: string;
  /** On an engine that several machines share: whose it is, as a digest; empty or missing if it cannot be told */
  readonly machineId?: string;
  /** Whose pids they are: `pid:[4026531836]` has many meanings for one number; empty or missing where there is but one */
  readonly pidNamespace?: string;
}

/** True if that very process still runs. */
export type IsAlive = (owner: ProcessOwner) => Promise<boolean>;

/** `boot:pid:start:machine:namespace`, the form of the owner label; the last two may be missing */
export function renderOwner(owner: ProcessOwner): string {
  const { bootId, pid, startTime, machineId = "", pidNamespace = "" } = owner;
  return `${bootId}:${pid}:${startTime}:${machineId}:${pidNamespace}`;
}

/** Reads an owner label back; undefined if it is not one. */
export function parseOwner(label: string | undefined): ProcessOwner | undefined {
  const match = /^([^:]*):(\d+):(\d*)(?::([^:]*):([^:]*))?$/.exec(label ?? "");
  if (!match) return undefined;
  return {
    bootId: match[1] ?? "",
    pid: Number(match[2]),
    startTime: match[3] ?? "",
    machineId: match[4] ?? "",
    pidNamespace: match[5] ?? "",
  };
}
