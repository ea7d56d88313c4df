/** What `ps` tells of processes where there is no /proc. */

export interface Sign {
  readonly pid: number;
  readonly parent: number;
  /** Changes whenever the process does something */
  readonly work: string;
}

export const psWords = ["-A", "-o", "pid=,ppid=,state=,time="] as const;

/** macOS tells hundredths of a second. One that runs or waits for a disk is doing something whatever its time says. */
export function readPs(text: string): Sign[] {
  return text.split("\n").flatMap((line): Sign[] => {
    const [, pid, parent, state = "", time = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+)/.exec(line) ?? [];
    if (pid === undefined || state.startsWith("Z")) return [];
    const work = /^[RDU]/.test(state) ? `${time},${crypto.randomUUID()}` : time;
    return [{ pid: Number(pid), parent: Number(parent), work }];
  });
}
