/** Git on what came from a bottle: by no setting but those given here, and within limits that follow from how much came. */
import { escapeForTerminal } from "../core/text.ts";
import { gitEnvironment, safeSettings } from "./git.ts";
import type { Env } from "./git.ts";
import { runGitProcess } from "./git-process.ts";
import type { GitLimits } from "./git-process.ts";

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;

/** Whatever came by itself, a few bytes cost no more than the first of these sums */
export function limitsFor(bundleBytes: number): GitLimits {
  return {
    cpuSeconds: 60 + Math.ceil(bundleBytes / (5 * mebibyte)),
    memoryBytes: gibibyte,
    // Larger ones are unpacked piece by piece, if they are not kept as a difference
    objectBytes: 256 * mebibyte,
    // A pack gets the objects of the user's repository that it builds on
    fileBytes: bundleBytes + gibibyte,
  };
}

const strictSettings = [
  "transfer.fsckObjects=true",
  "fetch.fsckObjects=true",
  "fetch.prune=false",
  "fetch.writeCommitGraph=false",
  "core.logAllRefUpdates=false",
  "pack.threads=1",
  "pack.windowMemory=64m",
  "core.deltaBaseCacheLimit=64m",
];
const streaming = "core.bigFileThreshold=16m";

export interface BroughtRun {
  readonly folder: string;
  readonly words: readonly string[];
  readonly env: Env;
  readonly limits: GitLimits;
  readonly input?: string | Uint8Array | number | undefined;
  /** Beside `gitEnvironment` */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly onOutput?: ((data: Uint8Array) => boolean) | undefined;
  /** As the user's own git does it, to which no file is large that has less than 512 MiB */
  readonly hasUsualThreshold?: boolean | undefined;
}

export interface BroughtOutcome {
  readonly isFine: boolean;
  readonly output: string;
  /** Safe to print */
  readonly complaint: string;
}

/** Runs it to its end, which may be one of its limits: that is a complaint like another. */
export async function runOnBrought(run: BroughtRun): Promise<BroughtOutcome> {
  const all = [...safeSettings, ...strictSettings, ...(run.hasUsualThreshold ? [] : [streaming])];
  const { code, output, complaint, isEnough } = await runGitProcess({
    ...run,
    words: [...all.flatMap((setting) => ["-c", setting]), ...run.words],
    env: { ...gitEnvironment(run.env), ...run.variables },
  });
  const said = escapeForTerminal(complaint.trim().split("\n").slice(-4).join("; ")).slice(0, 600);
  return {
    isFine: code === 0 || isEnough,
    output: new TextDecoder().decode(output),
    complaint: code === undefined ? "it takes more memory, time or room than its limits" : said,
  };
}

/** As `runOnBrought` where nothing goes on without the outcome. Throws a sentence. */
export async function must(run: BroughtRun): Promise<string> {
  const { isFine, output, complaint } = await runOnBrought(run);
  const name = run.words.find((word) => !word.startsWith("-"));
  if (!isFine) throw new Error(`git ${name} failed: ${complaint}`);
  return output;
}
