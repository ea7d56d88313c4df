/** The host's git, run so that nothing in a repository makes it execute something: no hooks, no file system monitor, no ext:: */
import { readdir, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BottleError } from "../core/error.ts";
import type { RepositoryBase } from "../core/repository-base.ts";
import { quote } from "../core/text.ts";
import { renderGitConfig } from "./git-config.ts";
import { requireOwnRepository } from "./repository-place.ts";
import { openScratch } from "./scratch.ts";
import type { ScratchWorld } from "./scratch.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Given on the command line, where they go before whatever the repository says */
export const safeSettings = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.pager=cat",
  "submodule.recurse=false",
  "gc.auto=0",
  "maintenance.auto=false",
  // A folder that only looks like a repository, with settings of its own, is none
  "safe.bareRepository=explicit",
];

/** By environment, which also reaches the git that a clone starts in the repository, where the settings above are gone. */
export const safeEnvironment = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
  // No ext::, no ssh, no network; and a missing object is not fetched, which would run the remote's upload-pack command
  GIT_ALLOW_PROTOCOL: "file",
  GIT_NO_LAZY_FETCH: "1",
  LC_ALL: "C",
};

/** Runs git; returns its output, or undefined if it failed or is not installed. */
export async function runGit(
  folder: string,
  words: readonly string[],
  env: Env,
): Promise<string | undefined> {
  try {
    const child = Bun.spawn(["git", ...safeSettings.flatMap((setting) => ["-c", setting]), ...words], {
      cwd: folder,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
      env: {
        PATH: env["PATH"],
        HOME: env["HOME"],
        // The user's own list of ignored files may stand there
        XDG_CONFIG_HOME: env["XDG_CONFIG_HOME"],
        ...safeEnvironment,
      },
    });
    const [text, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
    return code === 0 ? text : undefined;
  } catch {
    return undefined;
  }
}

/** As `runGit`, where to go on without the outcome would leave something out unsaid. */
export async function requireGit(folder: string, words: readonly string[], env: Env): Promise<string> {
  const text = await runGit(folder, words, env);
  if (text !== undefined) return text;
  throw unreadable(folder, "git does not read it");
}

/** Files git tracks or would track: not ignored ones. Undefined outside a repository. Paths are relative to `folder`. */
export async function listUnignoredFiles(folder: string, env: Env): Promise<string[] | undefined> {
  const text = await runGit(
    folder,
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"],
    env,
  );
  return text?.split("\0").filter(Boolean);
}

/**
 * True if `folder` is the root of a repository or of a worktree with at least one commit. Throws if that is another's: see
 * `requireOwnRepository`.
 */
export async function hasRepository(folder: string, env: Env): Promise<boolean> {
  const [top, head] = await Promise.all([
    runGit(folder, ["rev-parse", "--show-toplevel"], env),
    runGit(folder, ["rev-parse", "--verify", "--quiet", "HEAD"], env),
  ]);
  const root = await realpath(folder);
  if (head === undefined || top?.replace(/\n$/, "") !== root) return false;
  await requireOwnRepository(root, async (file, key) =>
    (await runGit(root, ["config", "--file", file, "--no-includes", key], env))?.replace(/\n$/, ""),
  );
  return true;
}

/** True if `folder` is the root of a repository or of a worktree, with or without a commit. */
export async function isRepository(folder: string, env: Env): Promise<boolean> {
  const top = await runGit(folder, ["rev-parse", "--show-toplevel"], env);
  return top !== undefined && top.replace(/\n$/, "") === (await realpath(folder));
}

/** What goes into a bottle with `createCleanClone`, so that it can be told later what is new. */
export async function describeRepository(folder: string, path: string, env: Env): Promise<RepositoryBase> {
  const [head, format, branches] = await Promise.all([
    runGit(folder, ["rev-parse", "--verify", "--quiet", "HEAD"], env),
    runGit(folder, ["rev-parse", "--show-object-format"], env),
    runGit(folder, ["for-each-ref", "--format=%(objectname)", "refs/heads"], env),
  ]);
  const commit = head?.trim() ?? "";
  return {
    path,
    objectFormat: format?.trim() === "sha256" ? "sha256" : "sha1",
    head: commit,
    tips: [...new Set([commit, ...(branches ?? "").split("\n")])].filter(Boolean),
  };
}

export interface CleanClone {
  /** Absolute path of a .git folder without hooks, credentials, remotes' secrets or the user's settings */
  readonly gitFolder: string;
  remove(): Promise<void>;
}

/** Clones into a scratch folder: commits and branches come over, hooks and settings do not. Works from a worktree too. */
export async function createCleanClone(folder: string, world: ScratchWorld): Promise<CleanClone> {
  const { env } = world;
  const { folder: target, remove } = await openScratch(world);
  try {
    const gitFolder = join(target, ".git");
    await clone(folder, target, env);
    // An index like HEAD: what differs in the copied files then shows as the user's uncommitted changes
    await requireGit(target, ["read-tree", "HEAD"], env);
    await writeFile(join(gitFolder, "config"), renderGitConfig(await readFacts(folder, target, env)));
    for (const stray of await readdir(gitFolder)) {
      if (["hooks", "logs", "info", "ORIG_HEAD", "FETCH_HEAD", "description"].includes(stray))
        await rm(join(gitFolder, stray), { recursive: true });
    }
    return { gitFolder, remove };
  } catch (cause) {
    await remove();
    throw unreadable(folder, "git could not clone it", cause);
  }
}

function unreadable(folder: string, state: string, cause?: unknown): BottleError {
  return new BottleError({
    code: "file",
    message: `Cannot copy the repository ${quote(folder)}: ${state}`,
    hint: 'See what "git fsck" says there, or start without --cwd.',
    cause,
  });
}

/**
 * Not a local clone, which would take the objects folder as it is: what was amended, stashed or deleted stays on the host, and what
 * the repository borrows from another one comes along.
 */
async function clone(folder: string, target: string, env: Env): Promise<void> {
  const options = ["--quiet", "--no-local", "--no-checkout", "--no-tags", "--template=", "--origin=origin"];
  const settings = ["-c", "clone.rejectShallow=false", "-c", "init.defaultRefFormat=files"];
  await requireGit(target, [...settings, "clone", ...options, "--", folder, target], env);
}

async function readFacts(folder: string, target: string, env: Env) {
  const [branch, remote, name, email, objectFormat] = await Promise.all([
    runGit(folder, ["symbolic-ref", "--quiet", "--short", "HEAD"], env),
    runGit(folder, ["remote", "get-url", "origin"], env),
    runGit(folder, ["config", "user.name"], env),
    runGit(folder, ["config", "user.email"], env),
    runGit(target, ["rev-parse", "--show-object-format"], env),
  ]);
  return {
    branch: branch?.trim(),
    remote: remote?.trim(),
    name: name?.trim(),
    email: email?.trim(),
    objectFormat: objectFormat?.trim(),
  };
}
