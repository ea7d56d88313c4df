/**
 * The plain copy that the same commands are run in. An agent has a copy of what went in, and not the user's whole machine; so before it
 * begins, the copy loses what has no business in a bottle, and nothing else:
 *
 * - What is ignored.
 * - Remotes and the sources of submodules: no path leads to them from inside.
 * - The stash, and refs that are neither branches, tags nor remote-tracking ones, as far as the bottle is without them. (That branches,
 *   tags and remote-tracking refs are there, the law of rest asks.)
 * - Worktrees of the same repository elsewhere on the machine, which would keep their branches from being checked out.
 * - The user's own edits of files under skip-worktree or assume-unchanged: their content is the bottle's.
 */
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { realpath, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { readRefs } from "./read-repository.ts";
import { lookFor, must, run, splitNames } from "./run.ts";
import type { Env } from "./run.ts";
import { bytesOf, describeFile, findRepositories, isThere } from "./work-tree.ts";

/** `host` is the folder around `project`, and both are the copy's; `workspace` is the bottle's. */
export async function preparePlainCopy(
  host: string,
  project: string,
  workspace: string,
  bottleEnv: Env,
  env: Env,
): Promise<void> {
  for (const name of readdirSync(host))
    if (name.startsWith("remote")) await rename(join(host, name), join(host, `away-${name}`));
  for (const path of ["", ...findRepositories(project)]) {
    // What is ignored may be a repository, which is gone with the first of them
    if (existsSync(join(project, path))) await removeIgnored(join(project, path), env);
  }
  await removeWorktrees(project, workspace, env);
  for (const path of ["", ...findRepositories(project)]) {
    const inBottle = join(workspace, path);
    if (!existsSync(join(inBottle, ".git"))) continue;
    await removeOtherRefs(join(project, path), await readRefs(inBottle, bottleEnv), env);
    await takeFlaggedFiles(join(project, path), inBottle, env);
  }
}

async function removeIgnored(folder: string, env: Env): Promise<void> {
  await run(["git", "clean", "-ffdXq"], folder, env);
}

async function removeOtherRefs(folder: string, kept: ReadonlyMap<string, string>, env: Env): Promise<void> {
  if (!kept.has("refs/stash")) await run(["git", "stash", "clear"], folder, env);
  const names = await lookFor(folder, env, "for-each-ref", "--format=%(refname)");
  for (const name of names.split("\n").filter(Boolean)) {
    if (/^refs\/(?:heads|tags|remotes|bisect|rewritten|worktree)\//.test(name) || kept.has(name)) continue;
    await run(["git", "update-ref", "-d", "--no-deref", name], folder, env);
  }
}

async function removeWorktrees(project: string, workspace: string, env: Env): Promise<void> {
  const ask = async (word: string) =>
    realpath(
      join("/", (await must(["git", "rev-parse", "--path-format=absolute", word], project, env)).trim()),
    );
  const [own, common] = [await ask("--git-dir"), await ask("--git-common-dir")];
  const administration = join(common, "worktrees");
  for (const name of existsSync(administration) ? readdirSync(administration) : []) {
    const entry = readFileSync(join(administration, name, "gitdir"), "utf8").trim();
    const folder = dirname(entry);
    if (join(administration, name) === own) continue;
    const isInside = folder.startsWith(`${project}/`) && existsSync(entry);
    const isInBottle = isInside && existsSync(join(workspace, folder.slice(project.length), ".git"));
    if (isInBottle) continue;
    rmSync(join(administration, name), { recursive: true });
    if (isInside) rmSync(entry);
  }
  if (existsSync(administration) && readdirSync(administration).length === 0)
    rmSync(administration, { recursive: true });
  // The main worktree is elsewhere, and its branch is not taken in the bottle
  const head = await lookFor(common, env, "--git-dir=.", "rev-parse", "--verify", "--quiet", "HEAD");
  if (own !== common && basename(dirname(own)) === "worktrees" && head.trim() !== "")
    writeFileSync(join(common, "HEAD"), head);
}

async function takeFlaggedFiles(folder: string, inBottle: string, env: Env): Promise<void> {
  for (const line of splitNames(await lookFor(folder, env, "ls-files", "-v", "-z"))) {
    const path = line.slice(2);
    // A small letter is assume-unchanged (git-ls-files(1)), which a file may have beside the other
    const flags = [
      /^[Ss] /.test(line) ? "skip-worktree" : [],
      /^[a-z] /.test(line) ? "assume-unchanged" : [],
    ].flat();
    if (flags.length === 0 || !isThere(folder, path)) continue;
    if (describeFile(folder, path) === describeFile(inBottle, path)) continue;
    rmSync(bytesOf(folder, path), { force: true });
    if (describeFile(inBottle, path)?.startsWith("link") !== false) continue;
    copyFileSync(bytesOf(inBottle, path), bytesOf(folder, path));
    // The index is to know the file, as where it was never edited
    const steps = [
      ...flags.map((flag) => [`--no-${flag}`]),
      ["-q", "--refresh"],
      ...flags.map((flag) => [`--${flag}`]),
    ];
    for (const words of steps) await run(["git", "update-index", ...words, "--", path], folder, env);
  }
}
