/** The host's git, run so that nothing in a repository or a configuration makes it execute something: no hooks, no monitor, no filter. */
import { realpath } from "node:fs/promises";
import { decodePaths } from "../core/byte-path.ts";
import { BottleError } from "../core/error.ts";
import { quote } from "../core/text.ts";
import { GitStandstill, outerLimits, runGitProcess } from "./git-process.ts";
import type { GitOutcome } from "./git-process.ts";
import { requireOwnRepository } from "./repository-place.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/** Given on the command line, where they go before whatever the repository says */
export const safeSettings = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.pager=cat",
  "submodule.recurse=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "fetch.bundleURI=",
  // Nobody is asked, and nothing, for a password; an empty helper takes all others off the list (gitcredentials(7))
  "credential.helper=",
  "core.askPass=",
  // A folder that only looks like a repository, with settings of its own, is none
  "safe.bareRepository=explicit",
];

/** By environment, which also reaches a git that git starts, where the settings above are gone. */
const safeEnvironment = {
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
  // Empty means that there is none, whatever a configuration or SSH_ASKPASS says
  GIT_ASKPASS: "",
  // No transport, not even of files: a missing object is fetched from wherever a repository says, by git before 2.44 in spite of the next
  GIT_ALLOW_PROTOCOL: "none",
  GIT_NO_LAZY_FETCH: "1",
  LC_ALL: "C",
};

/** Where git is told which files it reads its settings from, and whose repositories it trusts (git(1), git-config(1), `safe.directory`) */
const passedOn =
  /^(PATH|HOME|XDG_CONFIG_HOME|SUDO_UID|GIT_CEILING_DIRECTORIES|GIT_DISCOVERY_ACROSS_FILESYSTEM|GIT_ATTR_NOSYSTEM|GIT_CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+))$/;

/** The environment that a git of ours gets: the user's configuration is the one that counts, for what is ignored and what is trusted. */
export function gitEnvironment(env: Env): Record<string, string> {
  const entries = Object.entries(env).filter(([name, value]) => value !== undefined && passedOn.test(name));
  return { ...(Object.fromEntries(entries) as Record<string, string>), ...safeEnvironment };
}

export interface GitMore {
  readonly input?: string | Uint8Array;
  /** Beside or in place of `gitEnvironment` */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Runs git; returns its output, or undefined if it failed or is not installed. Throws if it comes to a standstill: see `stuck`. */
export async function runGitBytes(
  folder: string,
  words: readonly string[],
  env: Env,
  { input, variables }: GitMore = {},
): Promise<Uint8Array | undefined> {
  let outcome: GitOutcome;
  try {
    outcome = await runGitProcess({
      folder,
      words: [...safeSettings.flatMap((setting) => ["-c", setting]), ...words],
      env: { ...gitEnvironment(env), ...variables },
      input,
      limits: outerLimits,
    });
  } catch (error) {
    if (error instanceof GitStandstill) throw stuck(folder, error);
    return undefined;
  }
  return outcome.code === 0 ? outcome.output : undefined;
}

/** As `runGitBytes`, for output that is text. */
export async function runGit(
  folder: string,
  words: readonly string[],
  env: Env,
  more?: GitMore,
): Promise<string | undefined> {
  const bytes = await runGitBytes(folder, words, env, more);
  return bytes && new TextDecoder().decode(bytes);
}

/** As `runGit` for one line, without the line break; undefined also for an empty one. */
export async function runGitLine(
  folder: string,
  words: readonly string[],
  env: Env,
): Promise<string | undefined> {
  return (await runGit(folder, words, env))?.replace(/\n$/, "") || undefined;
}

/** As `runGit` for names that end with a NUL each. */
export async function runGitNames(
  folder: string,
  words: readonly string[],
  env: Env,
  more?: GitMore,
): Promise<string[] | undefined> {
  const bytes = await runGitBytes(folder, words, env, more);
  return bytes && decodePaths(bytes);
}

/** As `runGit`, where to go on without the outcome would leave something out unsaid. */
export async function requireGit(
  folder: string,
  words: readonly string[],
  env: Env,
  more?: GitMore,
): Promise<string> {
  const text = await runGit(folder, words, env, more);
  if (text !== undefined) return text;
  throw unreadable(folder, "git does not read it");
}

/**
 * True if `folder` is the root of a repository or of a worktree, with or without a commit. Throws if that is another's: see
 * `requireOwnRepository`.
 */
export async function hasRepository(folder: string, env: Env): Promise<boolean> {
  if (!(await isRepository(folder, env))) return false;
  const root = await realpath(folder);
  await requireOwnRepository(root, {
    read: (file, key) => runGitLine(root, ["config", "--file", file, "--no-includes", key], env),
    readUsers: async (key) => {
      // From the root, so that no condition on the folder (includeIf) can be met
      const words = ["config", "--global", "--type=path", "-z", "--get-all", key];
      return (await runGitNames("/", words, env)) ?? [];
    },
  });
  return true;
}

/** True if `folder` is the root of a repository or of a worktree, with or without a commit. */
export async function isRepository(folder: string, env: Env): Promise<boolean> {
  const top = await runGitLine(folder, ["rev-parse", "--show-toplevel"], env);
  return top !== undefined && top === (await realpath(folder));
}

/** That a repository cannot be taken into a bottle. */
export function unreadable(folder: string, state: string, cause?: unknown): BottleError {
  return new BottleError({
    code: "file",
    message: `Cannot copy the repository ${quote(folder)}: ${state}`,
    hint: 'See what "git status" and "git fsck" say there, or start with --empty.',
    cause,
  });
}

/** That git waits for ever: for a pipe in the place of a file that it reads, or for a network disk. */
export function stuck(folder: string, cause: GitStandstill): BottleError {
  return new BottleError({
    code: "file",
    message: `Cannot read ${quote(folder)} with git: it waits for something there that does not come`,
    hint: 'Find the pipe in place of a file with "find . -type p" there, and among the files that its .git/config and your ~/.gitconfig name; or start with --empty.',
    cause,
  });
}
