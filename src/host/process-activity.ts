/**
 * Whether a program still does something. One that waits for a pipe, a dead network disk or a prompt uses no time and touches no memory,
 * while one that works long does; how long it takes as a whole says nothing.
 */
import { readdirSync, readFileSync } from "node:fs";
import { systemPath } from "./program-path.ts";
import { psWords, readPs } from "./ps-signs.ts";
import type { Sign } from "./ps-signs.ts";

export interface Patience {
  readonly lookMs: number;
  /** So many looks in a row without a sign. Looks and not time are counted: while a machine sleeps nobody looks */
  readonly looks: number;
}

/** 20 s: a disk that has to spin up, or a server of files that is busy, answers sooner */
export const usualPatience: Patience = { lookMs: 2_000, looks: 10 };

export interface StandstillWatch {
  /** The process and what it started, as far as they still run */
  kill(): Promise<void>;
  stop(): void;
}

/** Calls `onStandstill` once if neither the process nor anything that it started does anything any more. */
export function watchForStandstill(
  pid: number,
  onStandstill: () => void,
  { lookMs, looks }: Patience = usualPatience,
): StandstillWatch {
  let last: string | undefined;
  let still = 0;
  const look = async () => {
    const signs = await findFamily(pid);
    const now = signs.map(({ pid: one, work }) => `${one}:${work}`).join(" ");
    // Where nothing can be told, nothing is held against it
    still = signs.length > 0 && now === last ? still + 1 : 0;
    last = now;
    if (still < looks) return;
    clearInterval(timer);
    onStandstill();
  };
  const timer = setInterval(() => void look(), lookMs);
  timer.unref();
  return {
    async kill() {
      for (const one of await findFamily(pid)) tryKill(one.pid);
    },
    stop: () => clearInterval(timer),
  };
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile
  }
}

/** The process first; empty if it is gone or cannot be seen. */
async function findFamily(pid: number): Promise<Sign[]> {
  const all = readProc() ?? (await askPs());
  const own = all.filter((one) => one.pid === pid);
  const found = new Set(own.map((one) => one.pid));
  // Of a list in any order; a family of git's is three generations at most
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const one of all) if (found.has(one.parent)) found.add(one.pid);
  }
  return all.filter((one) => found.has(one.pid));
}

/** proc_pid_stat(5); the name in field 2 may hold anything, so counting starts after its last parenthesis. Undefined without a /proc. */
function readProc(): Sign[] | undefined {
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return undefined;
  }
  return names.flatMap((name): Sign[] => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const [state = "", parent] = fields;
      if (state === "Z") return [];
      // Page faults and time; one that runs or waits for a disk is doing something whatever these say
      const counts = [7, 9, 11, 12].map((at) => fields[at]).join(",");
      const work = /[RD]/.test(state) ? `${counts},${crypto.randomUUID()}` : counts;
      return [{ pid: Number(name), parent: Number(parent), work }];
    } catch {
      return [];
    }
  });
}

async function askPs(): Promise<Sign[]> {
  try {
    const child = Bun.spawn(["ps", ...psWords], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
      env: { PATH: systemPath },
    });
    return readPs(await new Response(child.stdout).text());
  } catch {
    return [];
  }
}
