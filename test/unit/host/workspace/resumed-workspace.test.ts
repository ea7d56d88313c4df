import { expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readResumedWorkspace } from "../../../../src/host/workspace/resumed-workspace.ts";
import { failureOf } from "../../../support/failure.ts";
import { aRepository, aWorld, git, putFiles } from "../../../support/temporary.ts";

/** A repository into which the session `abc` brought a branch with one commit more. */
async function aResumable(): Promise<{ readonly folder: string; readonly tree: string }> {
  const folder = await aRepository({ "a.txt": "a\n" });
  await putFiles(folder, { "made.txt": "by the agent\n" });
  await git(folder, "add", "--all");
  await git(folder, "commit", "--quiet", "--message", "Second");
  await git(folder, "update-ref", "refs/bottles/abc/heads/main", "HEAD");
  const tree = await git(folder, "rev-parse", "HEAD^{tree}");
  await git(folder, "reset", "--quiet", "--hard", "HEAD^");
  return { folder, tree };
}

test("gives the files that were brought back, whatever is in the user's folder", async () => {
  const { folder } = await aResumable();
  const workspace = await readResumedWorkspace(folder, "abc", await aWorld());
  const paths: string[] = [];
  for await (const entry of workspace?.entries() ?? [])
    if (entry.kind === "file" && !entry.path.startsWith(".git/")) paths.push(entry.path);
  expect(paths.toSorted()).toEqual(["a.txt", "made.txt"]);
  expect(await readResumedWorkspace(folder, "none", await aWorld())).toBeUndefined();
});

test("a repository that git cannot read is an error, and not an empty folder", async () => {
  const { folder, tree } = await aResumable();
  await rm(join(folder, ".git/objects", tree.slice(0, 2), tree.slice(2)));
  const error = await failureOf(readResumedWorkspace(folder, "abc", await aWorld()));
  expect(error.message).toBe(`Cannot copy the repository "${folder}": git does not read it`);
});
