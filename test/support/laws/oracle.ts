/**
 * The law of work, as rules. The same commands run in a bottle and in a plain copy of the user's repository (see `prepare.ts`) with the
 * same identity and the same clock. Then, for the workspace's repository and for each that was inside it at the start:
 *
 * 1. **Refs.** Each branch, tag and note that is new in the copy, or is at another commit than at the start, is among the brought refs:
 *    `refs/heads/x` as `heads/x`. Commits are compared by their id; where that differs, by tree and message.
 * 2. **Stash.** So is each of its entries that was made since, whatever its ref is called there.
 * 3. **Heads.** So is the head of each worktree, the main one and linked ones wherever they are, if it is on no branch and its commit is
 *    new. (To look at a commit that the user has is no work.)
 * 4. **Lost.** Commits made since that only a reflog of the copy knows are reached from some brought ref.
 * 5. **Uncommitted.** For each worktree let its parent be its head at the end. A path is changed if what lies there is not what lay there
 *    at the start: content, kind, whether it can be run, the commit of a repository inside. The wanted tree is the parent's, in which
 *    each changed path has what `git add -A` makes of it there and then, were there no skip-worktree and assume-unchanged; what that
 *    leaves out, since it is ignored, stays as in the parent. If the wanted tree is the parent's own, nothing need come, and for the main
 *    worktree nothing may. (A file that is as git checks it out, and that git would yet take for changed if it read it, may come or not:
 *    git itself reads it in the second of the checkout, and not later.) Otherwise a commit with exactly that tree on top of exactly that parent comes: `uncommitted` for the main
 *    worktree, and any name for a linked one. In a worktree that was made since, every path is changed.
 * 6. **Inside.** Repositories that the agent made in the workspace where it is not ignored: git knows one entry for each, which is of no
 *    use to anybody else. Each of their files that is not ignored is found at its path in `uncommitted`, or in a tree of some brought
 *    ref; and each of their branches' commits is reached from some brought ref, if both repositories name commits in the same way.
 * 7. **Nothing else** is brought: every ref is one of these, and there is no problem.
 */
import { join } from "node:path";
import { readRepository } from "./read-repository.ts";
import type { Repository, Worktree } from "./read-repository.ts";
import { lookFor, must, run, splitNames } from "./run.ts";
import type { Env } from "./run.ts";
import { addEverything, applyChanges, listChanged, readTree } from "./trees.ts";
import type { Tree } from "./trees.ts";
import { describeFile, digestOf } from "./work-tree.ts";

/** What a commit is beside its id. */
export interface CommitContent {
  readonly tree: string;
  readonly message: string;
}

export interface UncommittedWork {
  /** For people: `the workspace`, or where a linked worktree is */
  readonly title: string;
  readonly isMain: boolean;
  readonly parent: string | undefined;
  readonly parentTree: Tree;
  readonly wanted: Tree;
  /** Folders of repositories that the agent made, which rule 6 is about */
  readonly free: readonly string[];
  /** Paths that may come or not */
  readonly undecided: ReadonlySet<string>;
}

export interface MadeInside {
  readonly path: string;
  /** Path below `path` → ids of the content, by the outer repository's hash and by its own */
  readonly files: ReadonlyMap<string, readonly string[]>;
  readonly tips: readonly string[];
}

export interface Expected {
  /** Relative to the workspace */
  readonly path: string;
  /** Full name → id */
  readonly refs: ReadonlyMap<string, string>;
  readonly stash: readonly string[];
  readonly heads: readonly string[];
  readonly lost: readonly string[];
  readonly uncommitted: readonly UncommittedWork[];
  readonly inside: readonly MadeInside[];
  /** Of everything in `refs`, `stash` and `heads` */
  readonly contents: ReadonlyMap<string, CommitContent>;
  /** Current heads and stashes, which may be told of by refs of their own */
  readonly mayCome: ReadonlySet<string>;
}

/** What the work in the repository at `folder` is, given how it was before. Only objects are written. */
export async function expectWork(
  path: string,
  folder: string,
  before: Repository,
  env: Env,
): Promise<Expected> {
  const after = await readRepository(folder, env);
  const isNew = (id: string) => !before.objects.has(id);
  const isWork = (name: string) => /^refs\/(?:heads|tags|notes)\//.test(name);
  const refs = new Map([...after.refs].filter(([name, id]) => isWork(name) && before.refs.get(name) !== id));
  const detached = after.worktrees.flatMap((one) => (one.branch === undefined ? (one.head ?? []) : []));
  const heads = [...new Set(detached)].filter(isNew);
  const stash = after.stash.filter(isNew);
  const inside = path === "" ? await readMadeInside(folder, before, after, env) : [];
  const uncommitted = [];
  for (const worktree of after.worktrees)
    uncommitted.push(await expectUncommitted(folder, worktree, before, after, env));
  return {
    path,
    refs,
    stash,
    heads,
    lost: after.lost.filter(isNew),
    uncommitted,
    inside,
    contents: await readContents(folder, env, [...refs.values(), ...stash, ...heads]),
    mayCome: new Set([
      ...after.worktrees.flatMap((one) => one.head ?? []),
      ...after.stash,
      // With its reflog expired git lists no entry any more, and has it all the same
      ...[after.refs.get("refs/stash") ?? []].flat(),
    ]),
  };
}

async function expectUncommitted(
  main: string,
  { folder, head, tree }: Worktree,
  before: Repository,
  after: Repository,
  env: Env,
): Promise<UncommittedWork> {
  const earlier = before.worktrees.find((one) => one.folder === folder);
  const free = tree.repositories.filter((path) => !earlier?.tree.repositories.includes(path));
  const parentTree = await readTree(folder, env, head);
  const added = await addEverything(folder, env);
  const all = earlier
    ? listChanged(earlier.tree, tree)
    : [...new Set([...parentTree.keys(), ...tree.files.keys()])];
  const others = after.worktrees.filter((one) => one.folder !== folder).map((one) => one.folder);
  const isOthers = (path: string) => others.some((other) => other === `${folder}/${path}`);
  const changed = all.filter((path) => !free.includes(path) && !isOthers(path));
  const isMain = folder === after.worktrees[0]?.folder;
  return {
    title: isMain ? "the workspace" : folder.replace(main, "."),
    isMain,
    parent: head,
    parentTree,
    wanted: applyChanges(parentTree, added, changed, tree),
    free,
    undecided: await listUndecided({ folder, head, parentTree, added, changed }, env),
  };
}

interface Undecided {
  readonly folder: string;
  readonly head: string | undefined;
  readonly parentTree: Tree;
  readonly added: Tree;
  readonly changed: readonly string[];
}

/**
 * Files that are as git checks them out, and that it would yet store otherwise; and those that are changed and that git overlooks, since
 * size and time are as they were.
 */
async function listUndecided(
  { folder, head, parentTree, added, changed }: Undecided,
  env: Env,
): Promise<Set<string>> {
  const undecided = new Set<string>();
  if (head === undefined || changed.length === 0) return undecided;
  const read = await addEverything(folder, env, "head");
  for (const path of changed) {
    const [stored, now] = [parentTree.get(path), read.get(path)];
    if (stored === undefined || now === undefined || stored === now) continue;
    if (added.get(path) === stored) undecided.add(path);
    const { output } = await run(["git", "cat-file", "--filters", `${head}:${path}`], folder, env);
    if (describeFile(folder, path)?.split(" ")[1] === digestOf(Buffer.from(output, "latin1")))
      undecided.add(path);
  }
  return undecided;
}

async function readMadeInside(
  folder: string,
  before: Repository,
  after: Repository,
  env: Env,
): Promise<MadeInside[]> {
  const known = before.worktrees[0]?.tree.repositories ?? [];
  const made: MadeInside[] = [];
  const idLength = (await must(["git", "hash-object", "--stdin"], folder, env, "")).trim().length;
  for (const path of after.worktrees[0]?.tree.repositories ?? []) {
    const isIgnored = (await lookFor(folder, env, "check-ignore", "--", path)) !== "";
    if (known.includes(path) || isIgnored) continue;
    const inner = join(folder, path);
    const listed = await lookFor(inner, env, "ls-files", "-z", "--cached", "--others", "--exclude-standard");
    const { files } = (await readRepository(inner, env)).worktrees[0]?.tree ?? { files: new Map() };
    const names = splitNames(listed).filter((name) => files.has(name));
    const tips = await lookFor(inner, env, "for-each-ref", "--format=%(objectname)", "refs/heads");
    made.push({
      path,
      files: new Map(
        await Promise.all(names.map(async (name) => [name, await hash(folder, path, name, env)] as const)),
      ),
      tips: tips.split("\n").filter((id) => id !== "" && id.length === idLength),
    });
  }
  return made;
}

async function hash(folder: string, path: string, name: string, env: Env): Promise<string[]> {
  const words = ["git", "hash-object", "--no-filters", "--stdin-paths"];
  const ask = async (where: string, file: string) => (await must(words, where, env, `${file}\n`)).trim();
  return Promise.all([ask(folder, `${path}/${name}`), ask(join(folder, path), name)]);
}

async function readContents(
  folder: string,
  env: Env,
  ids: readonly string[],
): Promise<Map<string, CommitContent>> {
  if (ids.length === 0) return new Map();
  const text = await lookFor(folder, env, "log", "--no-walk=unsorted", "--format=%H%x00%T%x00%B%x00", ...ids);
  const parts = text.split("\0");
  const contents = new Map<string, CommitContent>();
  for (let index = 0; index + 3 < parts.length + 1; index += 3) {
    const [id = "", tree = "", message = ""] = parts.slice(index, index + 3);
    if (id.trim() !== "") contents.set(id.trim(), { tree, message });
  }
  return contents;
}
