/**
 * Repositories that an agent made inside its workspace. Their files come back as files of the work tree; their commits come back in the
 * repository around them, which has no other place for them.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { findGitFolder } from "./agent-git-folder.ts";
import { readRefs } from "./agent-refs.ts";
import { createRefs, readHead } from "./borrow-repository.ts";
import type { GitPlace } from "./git.ts";
import { collectedRefs } from "./protocol.ts";

const maxRepositories = 50;

/** `folders` are relative to the work tree, bytes as latin1. Makes refs named after folder and branch. */
export async function collectInner(
  place: GitPlace,
  workTree: string,
  folders: readonly string[],
): Promise<void> {
  for (const folder of folders.slice(0, maxRepositories)) {
    const source = findGitFolder(`${workTree}/${Buffer.from(folder, "latin1").toString("utf8")}`);
    // A worktree of somebody else's is no repository of its own
    if (!source || source.own !== source.common) continue;
    appendFileSync(join(place.gitFolder, "objects/info/alternates"), `${join(source.common, "objects")}\n`);
    const refs = readRefs(source.common);
    const head = readHead(source.own);
    if (head !== undefined && !head.startsWith("refs/")) refs.set("detached", head);
    const stem = `${collectedRefs.inside}/${nameOf(folder)}`;
    await createRefs(
      place,
      [...refs].map(([name, id]) => [`${stem}/${name.replace(/^refs\//, "")}`, id]),
    );
  }
}

/** As a part of a ref's name; which folder it was is in the commits. */
function nameOf(folder: string): string {
  return folder.replaceAll(/[^\w-]+/g, "-").replaceAll(/^-+|-+$/g, "") || "repository";
}
