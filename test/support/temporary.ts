/** A folder of its own for each test, and a git repository in it, without what the user's own settings would change. */
import { onTestFinished } from "bun:test";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { git } from "./git.ts";

export { git } from "./git.ts";

/** Absolute, without links, and gone after the test that it is made in. */
export async function aFolder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "bottle-test-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await putFiles(folder, files);
  return folder;
}

export async function putFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** The environment of a user with an empty home folder. */
export async function anEnvironment(): Promise<Readonly<Record<string, string | undefined>>> {
  return { PATH: process.env["PATH"], HOME: await aFolder() };
}

/** What a host function is given of the world, for a user with an empty home folder. */
export async function aWorld() {
  const env = await anEnvironment();
  return { env, home: env["HOME"] ?? "", pid: process.pid };
}

/** A repository with one commit of these files. */
export async function aRepository(
  files: Readonly<Record<string, string>> = { "a.txt": "a\n" },
): Promise<string> {
  const folder = await aFolder(files);
  await git(folder, "init", "--quiet");
  await git(folder, "add", "--all");
  await git(folder, "commit", "--quiet", "--message", "First");
  return folder;
}
