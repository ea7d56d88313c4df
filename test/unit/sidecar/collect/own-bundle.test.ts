import { expect, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { endQuestions } from "../../../../src/sidecar/collect/ask-git.ts";
import { writeBundle } from "../../../../src/sidecar/collect/bundle.ts";
import type { GitPlace } from "../../../../src/sidecar/collect/git.ts";
import { createRefs } from "../../../../src/sidecar/collect/own-refs.ts";
import { makeGitFolder } from "../../../../src/sidecar/collect/own-objects.ts";
import { git } from "../../../support/git.ts";
import { aFolder } from "../../../support/temporary.ts";

/** A repository with one commit, a clone of it, and what `script` does there, as a bundle. */
async function bundle(script: string, objectFormat = "sha1") {
  const parent = await aFolder();
  const [home, clone, gitFolder] = ["home", "clone", "own.git"].map((name) => join(parent, name));
  if (!home || !clone || !gitFolder) throw new Error("no folders");
  await mkdir(home);
  await git(home, "init", "--quiet", `--object-format=${objectFormat}`, "--initial-branch=main");
  await Bun.write(join(home, "file"), "one\n");
  await git(home, "add", "--all");
  await git(home, "commit", "--quiet", "--message", "First");
  const base = (await git(home, "rev-parse", "HEAD")).trim();
  await git(parent, "clone", "--quiet", home, clone);
  const child = Bun.spawn(["sh", "-ec", script], { cwd: clone, stdout: "ignore", stderr: "inherit" });
  expect(await child.exited).toBe(0);
  makeGitFolder(gitFolder, objectFormat);
  await Bun.write(join(gitFolder, "objects/info/alternates"), `${clone}/.git/objects\n`);
  const place: GitPlace = { gitFolder, objectFormat, timeoutMs: 60_000, refs: new Map() };
  const listed = await git(
    clone,
    "for-each-ref",
    "--format=%(refname) %(objectname)",
    "refs/heads",
    "refs/tags",
  );
  const refs = listed
    .trim()
    .split("\n")
    .map((line) => line.split(" ") as [string, string]);
  await createRefs(
    place,
    refs.map(([name, id]) => [name.replace("refs/tags", "refs/claude-bottle/tags"), id] as const),
  );
  const file = join(parent, "work.bundle");
  const problems: string[] = [];
  const tips = [base];
  const isNew = await writeBundle({
    place,
    file,
    tips,
    hasHistory: false,
    onProblem: (one) => problems.push(one),
  });
  endQuestions(place);
  expect(problems).toEqual([]);
  return { home, clone, file, isNew };
}

const commit = "git -c user.name=A -c user.email=a@example.invalid commit --quiet --all --message More";

test.each([
  [
    "commits, folders and an empty file",
    `mkdir -p a/b; seq 9000 >a/b/long; : >empty; git add .; ${commit}; echo x >>file; ${commit}`,
  ],
  [
    "a merge",
    `git checkout -q -b side; echo s >s; git add s; ${commit}; git checkout -q main; echo m >m; git add m; ${commit}; git -c user.name=A -c user.email=a@example.invalid merge -q --no-edit side`,
  ],
  ["a commit that builds on nothing", `git checkout -q --orphan other; ${commit}`],
  ["a branch that is no news beside one that is", `git branch same; echo x >>file; ${commit}`],
  [
    "a tag with words, which is left to git",
    `echo x >>file; ${commit}; git -c user.name=A -c user.email=a@example.invalid tag -a -m words tagged`,
  ],
  ["more than is written without git", `seq 400000 >long; git add long; ${commit}`],
])("a repository takes what is written for it: %s", async (_, script) => {
  const { home, clone, file, isNew } = await bundle(script);
  expect(isNew).toBe(true);
  await git(home, "bundle", "verify", "--quiet", file);
  await git(home, "-c", "fetch.fsckObjects=true", "fetch", "--quiet", file, "refs/heads/*:refs/got/*");
  await git(home, "fsck", "--strict", "--full");
  const news = (await git(clone, "for-each-ref", "--format=%(objectname)", "refs/heads")).trim().split("\n");
  for (const id of news) await git(home, "cat-file", "-e", `${id}^{tree}`);
  const got = (await git(home, "for-each-ref", "--format=%(objectname)", "refs/got")).trim().split("\n");
  expect(got).toContain((await git(clone, "rev-parse", "HEAD")).trim());
});

test("ids of another kind are left to git", async () => {
  const { home, file, isNew } = await bundle(`echo x >>file; ${commit}`, "sha256");
  expect(isNew).toBe(true);
  await git(home, "bundle", "verify", "--quiet", file);
});

test("nothing new is no bundle", async () => {
  expect((await bundle("git branch same")).isNew).toBe(false);
});
