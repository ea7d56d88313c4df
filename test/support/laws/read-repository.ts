/** What a repository holds at one moment: refs, heads of all its worktrees, stash, and commits that only its reflogs know. */
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { look, lookFor } from "./run.ts";
import type { Env } from "./run.ts";
import { readWorkTree } from "./work-tree.ts";
import type { WorkTree } from "./work-tree.ts";

export interface Worktree {
  /** Absolute */
  readonly folder: string;
  /** Commit; undefined before the first one */
  readonly head: string | undefined;
  /** `refs/heads/x`; undefined for a detached head */
  readonly branch: string | undefined;
  readonly tree: WorkTree;
}

export interface Repository {
  /** Full names; those of single worktrees (bisect, rewritten) left out */
  readonly refs: ReadonlyMap<string, string>;
  /** The folder itself first, then those linked to the same repository that are there */
  readonly worktrees: readonly Worktree[];
  /** Everything that is in its store, whatever leads to it */
  readonly objects: ReadonlySet<string>;
  /** Newest first */
  readonly stash: readonly string[];
  /** No ref and no head leads to them */
  readonly lost: readonly string[];
}

/** Refs that belong to one worktree or to claude-bottle, and are not the agent's to make */
const privateRefs = /^refs\/(?:bisect|rewritten|worktree|bottles)\//;

export async function readRepository(folder: string, env: Env): Promise<Repository> {
  const [refs, folders, stash, lost, objects] = await Promise.all([
    readRefs(folder, env),
    listWorktrees(folder, env),
    lookFor(folder, env, "reflog", "--format=%H", "refs/stash"),
    lookFor(folder, env, "rev-list", "--reflog", "--not", "--all"),
    lookFor(folder, env, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered"),
  ]);
  const worktrees = await Promise.all(folders.map((one) => readHead(one, folders, env)));
  const lines = (text: string) => text.split("\n").filter(Boolean);
  return { refs, worktrees, stash: lines(stash), lost: lines(lost), objects: new Set(lines(objects)) };
}

/** Absolute folders that are there, the given one first. */
export async function listWorktrees(folder: string, env: Env): Promise<string[]> {
  const own = await realpath(folder);
  const listed = parseWorktrees(await lookFor(folder, env, "worktree", "list", "--porcelain", "-z"));
  return [own, ...listed.filter((one) => one !== own && existsSync(`${one}/.git`))];
}

export async function readRefs(folder: string, env: Env): Promise<Map<string, string>> {
  const text = await lookFor(folder, env, "for-each-ref", "--format=%(refname)%00%(objectname)");
  const pairs = text
    .split("\n")
    .filter(Boolean)
    .map((line) => Buffer.from(line, "latin1").toString("utf8").split("\0") as [string, string]);
  return new Map(pairs.filter(([name]) => !privateRefs.test(name)));
}

async function readHead(folder: string, worktrees: readonly string[], env: Env): Promise<Worktree> {
  const [head, branch] = await Promise.all([
    lookFor(folder, env, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"),
    look(folder, env, "symbolic-ref", "--quiet", "HEAD"),
  ]);
  const tree = readWorkTree(folder);
  const inner = tree.repositories.filter((path) => !worktrees.includes(`${folder}/${path}`));
  const heads = await Promise.all(
    inner.map((path) =>
      lookFor(`${folder}/${path}`, env, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"),
    ),
  );
  // A repository inside is to git one entry, which is its commit
  const links = inner.map((path, index) => [path, `commit ${heads[index]?.trim()}`] as const);
  return {
    folder,
    head: head.trim() || undefined,
    branch: branch.code === 0 ? branch.output.trim() : undefined,
    tree: { files: new Map([...tree.files, ...links]), repositories: inner },
  };
}

/** The main one too, unless it is bare. */
function parseWorktrees(text: string): string[] {
  return text
    .split("\0\0")
    .map((block) => block.split("\0").filter(Boolean))
    .filter((lines) => !lines.includes("bare"))
    .flatMap((lines) => lines.find((line) => line.startsWith("worktree "))?.slice("worktree ".length) ?? []);
}
