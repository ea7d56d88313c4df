/** What tests of bringing back begin with and look at: a workspace, as a repository or without one, and the refs that came. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TestRun } from "./engine-gate.ts";
import { git } from "./git.ts";
import type { RuntimeChoice } from "./runtime-choice.ts";
import { makeSessionWorld, readReceipts } from "./scripted-session.ts";
import type { SessionWorld } from "./scripted-session.ts";

/** For a script: who commits in the bottle */
export const asAgent = "git config user.name Agent; git config user.email agent@example.invalid;";

/** A world whose workspace holds the files, in one commit if it is a repository. */
export async function makeWorkWorld(
  run: TestRun,
  image: string,
  runtime: RuntimeChoice,
  files: Readonly<Record<string, string>> = { "a.txt": "a\n" },
  isRepository = true,
): Promise<SessionWorld> {
  const world = await makeSessionWorld(run, image, runtime);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(world.workspace, path)), { recursive: true });
    await writeFile(join(world.workspace, path), text);
  }
  if (!isRepository) return world;
  await git(world.workspace, "init", "--quiet");
  await git(world.workspace, "add", "--all");
  await git(world.workspace, "commit", "--quiet", "--message", "First");
  return world;
}

/** What the newest session brought: ids by names without `refs/bottles/<session>/`. */
export async function readBroughtRefs(world: SessionWorld): Promise<Record<string, string>> {
  const [receipt] = await readReceipts(world);
  const stem = `refs/bottles/${receipt?.session}/`;
  const text = await git(
    world.workspace,
    "for-each-ref",
    "--format=%(refname) %(objectname)",
    "refs/bottles",
  );
  const lines = text.split("\n").filter(Boolean);
  return Object.fromEntries(lines.map((line) => line.replace(stem, "").split(" ") as [string, string]));
}
