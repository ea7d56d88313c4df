/** One git process within limits: of time, memory and file size, and of how long nothing may happen. */
import { beginTiming } from "../core/time/timings.ts";
import { usualPatience, watchForStandstill } from "./process-activity.ts";
import type { Patience } from "./process-activity.ts";

/** What a git may use; each process that it starts may use as much again. */
export interface GitLimits {
  /** Time of processors, in seconds */
  readonly cpuSeconds: number;
  /** What it allocates, without the files that it maps (RLIMIT_DATA of setrlimit(2), which macOS does not hold it to) */
  readonly memoryBytes: number;
  /** One allocation, so one object that it does not stream; git's own limit, which holds everywhere */
  readonly objectBytes?: number;
  /** Each file that it writes */
  readonly fileBytes?: number;
}

export interface GitRun {
  readonly folder: string;
  /** All words after `git` */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A number is a descriptor */
  readonly input?: string | Uint8Array | number | undefined;
  readonly limits: GitLimits;
  /** Takes the output instead of memory; false ends the process */
  readonly onOutput?: ((data: Uint8Array) => boolean) | undefined;
  readonly patience?: Patience | undefined;
}

export interface GitOutcome {
  /** 0 for success; undefined if a signal ended it, as a limit does */
  readonly code: number | undefined;
  readonly output: Uint8Array;
  /** The end of what it said */
  readonly complaint: string;
  /** True if `onOutput` has ended it */
  readonly isEnough: boolean;
}

/** Nothing happened any more, and the process was ended. */
export class GitStandstill extends Error {}

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;

/** For a folder of the user's, which may be large: what no honest repository needs */
export const outerLimits: GitLimits = { cpuSeconds: 3_600, memoryBytes: 8 * gibibyte };

const maxComplaintBytes = 64 * 1024;

/**
 * Units as sh(1) has them: -t seconds, -d kilobytes, -f blocks of 512 bytes. A limit that is lower already stays, and one that a system
 * does not know is left out; `ulimit` says so, which is nobody's concern.
 */
const limitScript =
  '{ ulimit -c 0; ulimit -t "$1"; ulimit -d "$2"; [ "$3" = - ] || ulimit -f "$3"; } 2>/dev/null; shift 3; exec "$0" "$@"';

/** The words that start git within limits. */
export function limitedCommand(words: readonly string[], limits: GitLimits): string[] {
  const { cpuSeconds, memoryBytes, fileBytes } = limits;
  const blocks = fileBytes === undefined ? "-" : String(Math.ceil(fileBytes / 512));
  const values = [String(cpuSeconds), String(Math.ceil(memoryBytes / 1024)), blocks];
  return ["/bin/sh", "-c", limitScript, "git", ...values, ...words];
}

function limitedEnvironment(env: Readonly<Record<string, string>>, { objectBytes }: GitLimits) {
  return objectBytes === undefined ? env : { ...env, GIT_ALLOC_LIMIT: String(objectBytes) };
}

/** Runs git to its end. Throws `GitStandstill`, or what the system says if it cannot be started. */
export async function runGitProcess(run: GitRun): Promise<GitOutcome> {
  const { input, limits } = run;
  const endTiming = beginTiming("git", findSubcommand(run.words));
  const child = Bun.spawn(limitedCommand(run.words, limits), {
    cwd: run.folder,
    stdin:
      input === undefined ? "ignore" : typeof input === "number" ? input : Buffer.from(input as Uint8Array),
    stdout: "pipe",
    stderr: "pipe",
    env: limitedEnvironment(run.env, limits),
  });
  let isStill = false;
  let isEnough = false;
  const watch = watchForStandstill(
    child.pid,
    () => {
      isStill = true;
      void watch.kill();
    },
    run.patience ?? usualPatience,
  );
  const take = async () => {
    if (!run.onOutput) return new Response(child.stdout).bytes();
    for await (const data of child.stdout) {
      if (isEnough || run.onOutput(data)) continue;
      isEnough = true;
      void watch.kill();
    }
    return new Uint8Array();
  };
  try {
    const [output, complaint] = await Promise.all([take(), readEnd(child.stderr), child.exited]);
    if (isStill) throw new GitStandstill("git has been waiting for something that does not come");
    return { code: child.exitCode ?? undefined, output, complaint, isEnough };
  } finally {
    endTiming();
    watch.stop();
  }
}

/** `rev-parse` of `-c a=b rev-parse HEAD`: the first word that is no option and no option's value. */
function findSubcommand(words: readonly string[]): string {
  const valued = new Set(["-c", "-C", "--git-dir", "--work-tree", "--namespace"]);
  const found = words.find((word, index) => !word.startsWith("-") && !valued.has(words[index - 1] ?? ""));
  return found !== undefined && /^[a-z-]+$/.test(found) ? found : "git";
}

async function readEnd(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const data of stream)
    text = (text + Buffer.from(data).toString("latin1")).slice(-maxComplaintBytes);
  return Buffer.from(text, "latin1").toString("utf8");
}
