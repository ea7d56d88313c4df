/**
 * Git as the collector runs it: in a git folder of its own, which borrows the agent's objects and takes nothing else over. So no
 * setting, hook or filter that an agent wrote is read, not even here where it could do no harm, and none can spoil the result.
 */
import { spawn } from "node:child_process";

const settings = [
  "core.fsmonitor=false",
  "core.hooksPath=/dev/null",
  "core.quotePath=true",
  "core.safecrlf=false",
  // As in the bottle: what an index notes of files that were copied there
  "core.checkStat=minimal",
  "core.trustctime=false",
  // Larger files are streamed and not compared with others: memory is what the collector has least of
  "core.bigFileThreshold=16m",
  "core.compression=1",
  "pack.threads=2",
  "pack.windowMemory=64m",
  "core.deltaBaseCacheLimit=64m",
  // Packs are mapped piece by piece, so that room is left for their indices: see `mappedBytes`
  "core.packedGitWindowSize=16m",
  "core.packedGitLimit=64m",
  "gc.auto=0",
  "advice.addEmbeddedRepo=false",
];

const environment: Record<string, string> = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/nonexistent",
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_ALLOW_PROTOCOL: "none",
  GIT_AUTHOR_NAME: "claude-bottle",
  GIT_AUTHOR_EMAIL: "claude-bottle@localhost",
  GIT_COMMITTER_NAME: "claude-bottle",
  GIT_COMMITTER_EMAIL: "claude-bottle@localhost",
};

export interface GitPlace {
  /** Ours */
  readonly gitFolder: string;
  readonly workTree?: string;
  readonly index?: string;
  /** `sha1` unless it says otherwise */
  readonly objectFormat?: string;
  /** `key=value`, for all that is done here */
  readonly settings?: readonly string[];
  /** The refs of this folder, by name: see `createRefs` */
  readonly refs?: Map<string, string>;
  readonly timeoutMs: number;
}

const maxComplaint = 64 * 1024;

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
/** Of the container's 2 GiB */
const usualMemoryBytes = 1_152 * mebibyte;
/** Beside that: the program itself, windows of packs, and an index of 20 million objects */
const mappedBytes = 640 * mebibyte;

/**
 * A git that wants more memory is refused it and says so, where the kernel would pick a process to kill and gVisor would end the container.
 * gVisor holds nobody to -d, and for -v what is mapped counts as well. A core is of no use here.
 */
const limited = '{ ulimit -c 0; ulimit -d "$1"; ulimit -v "$2"; } 2>/dev/null; shift 2; exec git "$@"';

export class GitFailure extends Error {
  /** It took more time or memory than there is */
  readonly isLimit: boolean;

  constructor(message: string, isLimit = false) {
    super(message);
    this.isLimit = isLimit;
  }
}

export interface GitInput {
  /** A number is a descriptor */
  readonly input?: string | Buffer | number;
  /** Takes the output instead of memory: a descriptor, or a function whose false ends git, which is no failure then */
  readonly output?: number | ((data: Buffer) => boolean);
  /** What it may allocate, if that is another than usual */
  readonly memoryBytes?: number;
  /** What git says beside its output, at the end, also if it succeeds */
  readonly onComplaint?: (text: string) => void;
}

/** Starts git; see `limited`. */
export function startGit(
  place: GitPlace,
  words: readonly string[],
  stdio: readonly (number | "pipe")[],
  memoryBytes = usualMemoryBytes,
) {
  const all = [...settings, ...(place.settings ?? [])];
  const limits = [memoryBytes, memoryBytes + mappedBytes].map((bytes) => String(bytes / kibibyte));
  const flags = all.flatMap((setting) => ["-c", setting]);
  return spawn("/bin/sh", ["-c", limited, "git", ...limits, ...flags, ...words], {
    cwd: place.workTree ?? place.gitFolder,
    env: {
      ...environment,
      GIT_DIR: place.gitFolder,
      ...(place.workTree === undefined ? {} : { GIT_WORK_TREE: place.workTree }),
      ...(place.index === undefined ? {} : { GIT_INDEX_FILE: place.index }),
    },
    stdio: [...stdio],
    killSignal: "SIGKILL",
  });
}

/** Runs git and gives its output, byte for byte as latin1: names of files need not be text. Throws with what git complained of. */
export function git(
  place: GitPlace,
  words: readonly string[],
  { input, output, memoryBytes, onComplaint }: GitInput = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const descriptor = (one: unknown) => (typeof one === "number" ? one : "pipe");
    const child = startGit(place, words, [descriptor(input), descriptor(output), "pipe"], memoryBytes);
    const timer = setTimeout(() => child.kill("SIGKILL"), place.timeoutMs);
    const chunks: Buffer[] = [];
    let complaint = "";
    let isEnough = false;
    child.stdout?.on("data", (chunk: Buffer) => {
      if (typeof output !== "function") chunks.push(chunk);
      else if (!isEnough && !output(chunk)) isEnough = child.kill("SIGKILL");
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      if (complaint.length < maxComplaint) complaint += chunk.toString("latin1");
    });
    child.on("error", (error) => reject(new GitFailure(`git ${words[0]}: ${error.message}`)));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      onComplaint?.(complaint);
      if (code === 0 || isEnough) return resolve(Buffer.concat(chunks).toString("latin1"));
      reject(explainEnd(words, complaint, code, signal));
    });
    // A git that ends before it has read everything says why by its exit code
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(typeof input === "number" ? "" : (input ?? ""));
  });
}

/** Why a git ended as it should not. */
export function explainEnd(
  words: readonly string[],
  complaint: string,
  code: number | null,
  signal: string | null,
): GitFailure {
  const last = complaint.trim().split("\n").slice(-3).join("; ") || `exit code ${code}`;
  const isLimit = signal !== null || /out of memory|malloc|mmap failed/i.test(last);
  const reason = isLimit ? "it takes more time or memory than its limits" : last;
  return new GitFailure(`git ${words[0]}: ${reason}`, isLimit);
}

/** As `git`, with undefined for a failure. */
export function tryGit(
  place: GitPlace,
  words: readonly string[],
  more?: GitInput,
): Promise<string | undefined> {
  return git(place, words, more).catch(() => undefined);
}
