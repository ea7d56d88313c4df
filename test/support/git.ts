/** git as a user of tests and scripts runs it: by nobody's settings but its own. */

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
