/** The host's git, run so that nothing in a repository makes it execute something: no hooks, no file system monitor, no ext:: */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BottleError } from "../core/error.ts";
import { quote } from "../core/text.ts";

const safeSettings = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "protocol.ext.allow=never",
  "protocol.file.allow=always",
  "core.pager=cat",
  "submodule.recurse=false",
];

/** Runs git; returns its output, or undefined if it failed or is not installed. */
export async function runGit(
  folder: string,
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
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
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_OPTIONAL_LOCKS: "0",
        GIT_TERMINAL_PROMPT: "0",
        LC_ALL: "C",
      },
    });
    const [text, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
    return code === 0 ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Files git tracks or would track: not ignored ones. Undefined outside a repository. Paths are relative to `folder`. */
export async function listUnignoredFiles(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string[] | undefined> {
  const text = await runGit(
    folder,
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"],
    env,
  );
  return text?.split("\0").filter(Boolean);
}

/** True if `folder` is the root of a repository or of a worktree with at least one commit. */
export async function hasRepository(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const [prefix, head] = await Promise.all([
    runGit(folder, ["rev-parse", "--show-prefix"], env),
    runGit(folder, ["rev-parse", "--verify", "--quiet", "HEAD"], env),
  ]);
  return prefix?.trim() === "" && head !== undefined;
}

export interface CleanClone {
  /** Absolute path of a .git folder without hooks, credentials, remotes' secrets or the user's settings */
  readonly gitFolder: string;
  remove(): Promise<void>;
}

/** Clones into a temporary folder: objects and refs come over, hooks and settings do not. Works from a worktree too. */
export async function createCleanClone(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<CleanClone> {
  const target = await mkdtemp(join(tmpdir(), "claude-bottle-clone-"));
  const remove = () => rm(target, { recursive: true, force: true });
  try {
    const gitFolder = join(target, ".git");
    const done = await runGit(
      target,
      ["clone", "--quiet", "--no-hardlinks", "--no-checkout", "--no-tags", "--template=", folder, target],
      env,
    );
    if (done === undefined) throw new Error("git clone failed");
    const [branch, remote, name, email] = await Promise.all([
      runGit(folder, ["symbolic-ref", "--quiet", "--short", "HEAD"], env),
      runGit(folder, ["remote", "get-url", "origin"], env),
      runGit(folder, ["config", "user.name"], env),
      runGit(folder, ["config", "user.email"], env),
    ]);
    // An index like HEAD: what differs in the copied files then shows as the user's uncommitted changes
    await runGit(target, ["read-tree", "HEAD"], env);
    await writeFile(
      join(gitFolder, "config"),
      renderConfig(branch?.trim(), remote?.trim(), name?.trim(), email?.trim()),
    );
    await rm(join(gitFolder, "logs"), { recursive: true, force: true });
    for (const stray of await readdir(gitFolder)) {
      if (["hooks", "ORIG_HEAD", "FETCH_HEAD", "description"].includes(stray))
        await rm(join(gitFolder, stray), { recursive: true });
    }
    return { gitFolder, remove };
  } catch (cause) {
    await remove();
    throw new BottleError({
      code: "file",
      message: `Cannot copy the repository ${quote(folder)}: git could not clone it`,
      hint: 'See what "git fsck" says there, or start without --cwd.',
      cause,
    });
  }
}

/** A configuration written by us: only what a clone needs, with no word taken over unescaped. */
function renderConfig(
  branch: string | undefined,
  remote: string | undefined,
  name: string | undefined,
  email: string | undefined,
): string {
  const url = remote === undefined ? undefined : stripCredentials(remote);
  const lines = ["[core]", "\trepositoryformatversion = 0", "\tfilemode = true", "\tbare = false"];
  if (url)
    lines.push(
      '[remote "origin"]',
      `\turl = ${quoteConfig(url)}`,
      "\tfetch = +refs/heads/*:refs/remotes/origin/*",
    );
  if (url && branch)
    lines.push(
      `[branch ${quoteConfig(branch)}]`,
      "\tremote = origin",
      `\tmerge = ${quoteConfig(`refs/heads/${branch}`)}`,
    );
  if (name || email) lines.push("[user]");
  if (name) lines.push(`\tname = ${quoteConfig(name)}`);
  if (email) lines.push(`\temail = ${quoteConfig(email)}`);
  return `${lines.join("\n")}\n`;
}

/** `https://user:token@host/x` loses what is before the @; a local path or an ext:: remote is not taken over. */
function stripCredentials(url: string): string | undefined {
  const match = /^(https?|ssh|git):\/\/(?:([^@/]*)@)?(.+)$/.exec(url);
  if (match)
    return `${match[1]}://${match[1] === "ssh" && match[2] ? `${match[2].split(":")[0]}@` : ""}${match[3]}`;
  return /^[\w.-]+@[\w.-]+:[^:]+$/.test(url) ? url : undefined;
}

function quoteConfig(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\0", "")}"`;
}
