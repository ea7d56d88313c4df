/**
 * Bottles as the laws want them, made by a plain copy of the whole folder and by the rules of `oracle.ts`: a case that fails with these
 * is a fault of the laws. For the tests of the laws themselves, which also make them faulty.
 */
import { basename, dirname, join } from "node:path";
import { existsSync } from "node:fs";
import type { Bottles, Brought, BroughtRef, CopiedIn } from "./bottle.ts";
import { expectWork } from "./oracle.ts";
import type { Expected, UncommittedWork } from "./oracle.ts";
import { addSettings, commandEnvironment } from "./place.ts";
import { preparePlainCopy } from "./prepare.ts";
import { listWorktrees, readRepository } from "./read-repository.ts";
import type { Repository } from "./read-repository.ts";
import { must, run } from "./run.ts";
import type { Env } from "./run.ts";
import type { Tree } from "./trees.ts";
import { findRepositories } from "./work-tree.ts";

/** A bottle keeps how it was at the start. */
const starts = new WeakMap<CopiedIn, ReadonlyMap<string, Repository>>();

export const referenceBottles: Bottles = {
  async copyIn(repository, { env, root }) {
    const from = dirname(repository);
    const to = join(root, "host");
    await must(["cp", "-a", "--no-preserve=links", from, to], root, env);
    const files = [
      "-name",
      ".git",
      "-o",
      "-name",
      "gitdir",
      "-o",
      "-name",
      "alternates",
      "-o",
      "-name",
      "config",
    ];
    const paths = ["-type", "f", "-exec", "sed", "-i", `s#${from}#${to}#g`, "{}", "+"];
    await must(
      ["find", to, "(", ...files, "-o", "-name", ".gitconfig", "-o", "-name", "other", ")", ...paths],
      to,
      env,
    );
    const moved = Object.entries(env).map(([key, value]) => [key, value?.replaceAll(from, to)] as const);
    // A copy has other inodes, which must not make it look changed
    const inside = addSettings(Object.fromEntries(moved), {
      "core.trustCtime": "false",
      "core.checkStat": "minimal",
    });
    const workspace = join(to, basename(repository));
    await preparePlainCopy(to, workspace, workspace, inside, commandEnvironment(inside));
    await must(["bash", "-c", resetFlagged], workspace, inside);
    const bottle = { root, workspace, env: inside, notices: [], repositories: [] };
    const linked = await listWorktrees(workspace, inside);
    const inner = findRepositories(workspace).filter((path) => !linked.includes(join(workspace, path)));
    const all = ["", ...inner];
    const read = await Promise.all(all.map((path) => readRepository(join(workspace, path), inside)));
    starts.set(bottle, new Map(all.map((path, index) => [path, read[index] as Repository])));
    return bottle;
  },
  async collect(bottle, repository, session, env) {
    await must(["chmod", "-R", "u+rwX", bottle.root], bottle.root, env);
    const refs: BroughtRef[] = [];
    for (const [path, start] of starts.get(bottle) ?? []) {
      const folder = join(bottle.workspace, path);
      if (!existsSync(join(folder, ".git"))) continue;
      const expected = await expectWork(path, folder, start, commandEnvironment(bottle.env));
      const named = await nameWork(folder, expected, commandEnvironment(bottle.env));
      await takeObjects(folder, join(repository, path), env);
      for (const { path: inner } of expected.inside) await takeObjects(join(folder, inner), repository, env);
      for (const [name, id] of named) {
        await must(["git", "update-ref", `refs/bottles/${session}/${name}`, id], join(repository, path), env);
        refs.push({ repository: path, name, id });
      }
    }
    return { refs, files: [], problems: [] } satisfies Brought;
  },
};

/** The user's own edits under skip-worktree stay out */
const resetFlagged = `git ls-files -v -z | sed -zn 's/^S //p' | while IFS= read -r -d '' path; do
  [ ! -e "$path" ] || git cat-file --filters ":$path" >"$path"
  git update-index --no-skip-worktree -- "$path"; git update-index -q --refresh -- "$path"; git update-index --skip-worktree -- "$path"; done`;

async function nameWork(folder: string, expected: Expected, env: Env): Promise<Map<string, string>> {
  const named = new Map([...expected.refs].map(([name, id]) => [name.slice("refs/".length), id]));
  for (const [index, id] of expected.stash.entries()) named.set(`stash/${index}`, id);
  for (const [index, id] of expected.heads.entries()) named.set(`head/${index}`, id);
  for (const [index, id] of expected.lost.entries()) named.set(`lost/${index}`, id);
  for (const { path, tips } of expected.inside)
    for (const [index, id] of tips.entries()) named.set(`inside/${path}/${index}`, id);
  for (const [index, work] of expected.uncommitted.entries()) {
    const wanted = new Map(work.wanted);
    if (work.isMain)
      for (const { path, files } of expected.inside)
        for (const [name] of files)
          wanted.set(`${path}/${name}`, `100644 ${await writeBlob(folder, `${path}/${name}`, env)}`);
    const id = await commitWork(folder, work, wanted, env);
    if (id !== undefined) named.set(work.isMain ? "uncommitted" : `worktrees/${index}`, id);
  }
  return named;
}

async function writeBlob(folder: string, path: string, env: Env): Promise<string> {
  return (await must(["git", "hash-object", "-w", "--no-filters", "--", path], folder, env)).trim();
}

async function commitWork(
  folder: string,
  { parent, parentTree }: UncommittedWork,
  wanted: Tree,
  env: Env,
): Promise<string | undefined> {
  if (render(wanted) === render(parentTree)) return undefined;
  const index = join(dirname(folder), `index-${basename(folder)}`);
  const apart = { ...env, GIT_INDEX_FILE: index };
  await must(["git", "read-tree", "--empty"], folder, apart);
  await must(["git", "update-index", "-z", "--index-info"], folder, apart, render(wanted));
  const tree = (await must(["git", "write-tree", "--missing-ok"], folder, apart)).trim();
  const words = parent === undefined ? [] : ["-p", parent];
  return (await must(["git", "commit-tree", "-m", "Uncommitted", ...words, tree], folder, env)).trim();
}

function render(tree: Tree): string {
  return [...tree]
    .map(([path, entry]) => `${entry}\t${path}\0`)
    .toSorted()
    .join("");
}

async function takeObjects(from: string, to: string, env: Env): Promise<void> {
  const ask = async (folder: string) =>
    (await must(["git", "rev-parse", "--path-format=absolute", "--git-path", "objects"], folder, env)).trim();
  await run(["cp", "-rn", `${await ask(from)}/.`, `${await ask(to)}/`], "/", env);
}
