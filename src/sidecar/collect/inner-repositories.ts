/**
 * Repositories that an agent made inside its workspace, be they submodules or unknown to the one around them. Their commits come back in
 * that one, which is the only place for them, and so does what is not committed in them.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { findGitFolder } from "./agent-git-folder.ts";
import { readRefs } from "./agent-refs.ts";
import { endQuestions, findCommits } from "./ask-git.ts";
import { readHead } from "./borrow-repository.ts";
import type { Ref } from "./agent-refs.ts";
import type { GitPlace } from "./git.ts";
import { commitFiles } from "./linked-worktrees.ts";
import { tell } from "./problems.ts";
import { createRefs } from "./own-refs.ts";
import { collectedRefs } from "../../protocol/collect.ts";

const maxRepositories = 50;

export interface InnerRequest {
  readonly place: GitPlace;
  readonly workTree: string;
  /** Relative to the work tree, bytes as latin1 */
  readonly folders: readonly string[];
  /** For the message of a commit */
  readonly title: string;
}

/** Makes refs named after folder and branch. */
export async function collectInner({ place, workTree, folders, title }: InnerRequest): Promise<void> {
  for (const inner of folders.slice(0, maxRepositories)) {
    const folder = `${workTree}/${Buffer.from(inner, "latin1").toString("utf8")}`;
    const source = findGitFolder(folder);
    // A worktree of somebody else's is no repository of its own
    if (!source || source.own !== source.common) continue;
    appendFileSync(join(place.gitFolder, "objects/info/alternates"), `${join(source.common, "objects")}\n`);
    endQuestions(place);
    const stem = `${collectedRefs.inside}/${nameOf(inner)}`;
    const refs = readRefs(source.common);
    const made = [...refs].map(([name, id]): Ref => [`${stem}/${name.replace(/^refs\//, "")}`, id]);
    const named = readHead(source.own);
    const head = named?.startsWith("refs/") ? refs.get(named) : named;
    if (named !== undefined && head === named) made.push([`${stem}/detached`, head]);
    await createRefs(place, made);
    if (head === undefined || !(await findCommits(place, [head])).has(head)) continue;
    const message = `Uncommitted changes in ${nameOf(inner)} of ${title}\n`;
    const inside = { own: source.own, folder, name: nameOf(inner) };
    const commit = await commitFiles(inside, head, { place, unlock: () => false, onProblem: tell }, message);
    if (commit !== undefined) await createRefs(place, [[`${stem}/uncommitted`, commit]]);
  }
}

/** As a part of a ref's name; which folder it was is in the commits. */
function nameOf(folder: string): string {
  return folder.replaceAll(/[^\w-]+/g, "-").replaceAll(/^-+|-+$/g, "") || "repository";
}
