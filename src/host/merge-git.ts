/**
 * Git that changes the user's repository and work tree, when the user says so: with the user's own settings, filters and signatures, but
 * without hooks. A folder of hooks may be one that git tracks, and would then be what the agent made of it.
 */
import { gitEnvironment, safeSettings, stuck } from "./git.ts";
import type { Env } from "./git.ts";
import { GitStandstill, runGitProcess } from "./git-process.ts";

const gibibyte = 1024 ** 3;

/** What merging what came from a bottle may cost: git compares every pair of files that were removed and added, up to a limit */
export const mergeLimits = ["merge.renameLimit=1000", "diff.renameLimit=1000"] as const;

/** Who commits, and how it is signed */
const userVariables =
  /^(GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)|EMAIL|GNUPGHOME|GPG_TTY|SSH_AUTH_SOCK|TERM)$/;

export interface MergeOutcome {
  readonly isFine: boolean;
  /** Both streams' lines; names in them are hostile */
  readonly lines: readonly string[];
  readonly output: Uint8Array;
}

/** Runs it to its end; a limit that it meets is a failure like another. */
export async function runMergeGit(
  folder: string,
  words: readonly string[],
  env: Env,
  input?: Uint8Array,
): Promise<MergeOutcome> {
  const settings = [...safeSettings, ...mergeLimits].flatMap((setting) => ["-c", setting]);
  const own = Object.entries(env).filter(([name, value]) => value !== undefined && userVariables.test(name));
  const { code, output, complaint } = await runGitProcess({
    folder,
    words: [...settings, ...words],
    env: { ...gitEnvironment(env), ...(Object.fromEntries(own) as Record<string, string>) },
    input,
    limits: { cpuSeconds: 600, memoryBytes: 4 * gibibyte },
  }).catch((error: unknown) => {
    throw error instanceof GitStandstill ? stuck(folder, error) : error;
  });
  const text = code === undefined ? `${complaint}\nit takes more memory or time than its limits` : complaint;
  const lines = `${new TextDecoder().decode(output)}\n${text}`
    .split("\n")
    .filter((line) => line.trim() !== "");
  return { isFine: code === 0, lines, output };
}
