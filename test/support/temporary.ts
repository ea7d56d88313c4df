/** A folder of its own for each test, and a git repository in it, without what the user's own settings would change. */
import { onTestFinished } from "bun:test";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

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

/** Runs git as the user of a test would, with nothing held back; throws if it fails. */
export async function git(folder: string, ...words: string[]): Promise<string> {
  const settings = [
    "-c",
    "user.name=Test",
    "-c",
    "user.email=test@example.invalid",
    "-c",
    "init.defaultBranch=main",
  ];
  const child = Bun.spawn(["git", ...settings, ...words], {
    cwd: folder,
    stdout: "pipe",
    stderr: "pipe",
    env: { PATH: process.env["PATH"], HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C" },
  });
  const [text, complaint] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`git ${words.join(" ")}: ${complaint}`);
  return text.trim();
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
