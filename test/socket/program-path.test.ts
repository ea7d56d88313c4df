import { expect, setDefaultTimeout, test } from "bun:test";
import { chmod, exists, readdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { tryTool } from "../../scripts/lib/run-tool.ts";
import { startRecordingEngine } from "../support/recording-engine.ts";
import { sourceCommand } from "../support/run-source.ts";
import { aFolder, aRepository, putFiles } from "../support/temporary.ts";

setDefaultTimeout(60_000);

/** All that this program or a git of ours may start by name */
const programs = [
  "git",
  "ssh",
  "sh",
  "stty",
  "env",
  "ps",
  "sysctl",
  "ip",
  "docker",
  "docker-credential-helper",
  "notify-send",
  "osascript",
  "vi",
  "rm",
  "kill",
];

/** A repository in whose root and `bin` every program leaves a mark in a file that is not there before. */
async function aHostileProject() {
  const project = await aRepository();
  const mark = join(project, ".git/mark");
  for (const folder of ["", "bin"]) {
    for (const name of programs) {
      const path = join(project, folder, name);
      await putFiles(dirname(path), { [name]: `#!/bin/sh\necho "${name}" >>"${mark}"\nexit 1\n` });
      await chmod(path, 0o755);
    }
  }
  const manifest = { bottles: { b: {} }, agents: { a: { bottle: "b" } } };
  await writeFile(join(project, "claude-bottle.json"), JSON.stringify(manifest));
  return { project, findMark: async () => ((await exists(mark)) ? readFile(mark, "utf8") : undefined) };
}

const own = process.env["PATH"] ?? "";
const paths: readonly [string, (project: string) => string][] = [
  ["a dot in front", () => `.${delimiter}${own}`],
  ["an empty entry in front", () => `${delimiter}${own}`],
  ["a relative folder", () => `bin${delimiter}./bin${delimiter}${own}`],
  ["the project by its absolute path", (project) => `${project}${delimiter}${project}/bin${delimiter}${own}`],
  ["nothing else", () => "."],
  ["nothing at all", () => ""],
];

test.each(paths)("no program of the folder runs: %s in PATH", async (_, pathOf) => {
  await using engine = await startRecordingEngine();
  const { project, findMark } = await aHostileProject();
  const base = {
    PATH: pathOf(project),
    HOME: await aFolder(),
    XDG_STATE_HOME: join(project, ".git/state"),
    CLAUDE_BOTTLE_OAUTH_TOKEN: "anything",
    CLAUDE_BOTTLE_IMAGE: "image",
    CLAUDE_BOTTLE_EGRESS: "builtin",
    NO_COLOR: "1",
  };
  const run = (words: readonly string[], env: Readonly<Record<string, string>>) =>
    tryTool([...sourceCommand, ...words], { cwd: project, env: { ...base, ...env } });
  const here = { DOCKER_HOST: engine.host };
  const { stdout, stderr } = await run(["start", "a", "--cwd", "--dry-run", "--json"], here);
  // It was git that told which files go in: those that were added and the others, but nothing of .git
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject({ workspace: { hasRepository: true } });
  await run(["start", "a", "--cwd", "--yes", "--trust-project"], here);
  await run(["doctor"], here);
  // Nobody listens there
  await run(["list"], { DOCKER_HOST: "ssh://nobody@127.0.0.1:1" });
  await run(["edit"], { ...here, EDITOR: "true" });
  expect(await findMark()).toBeUndefined();
});

test("the control: with that PATH, what is started in the folder by its name is the folder's own", async () => {
  const { project, findMark } = await aHostileProject();
  const child = Bun.spawn(["git", "--version"], {
    cwd: project,
    env: { PATH: `.:${own}` },
    stdout: "ignore",
  });
  await child.exited;
  expect(await findMark()).toBe("git\n");
});

test("every program that this one starts is given an environment, whose PATH is the one that was looked through", async () => {
  const folder = join(import.meta.dir, "../../src");
  const files = (await readdir(folder, { recursive: true })).filter(
    (file) => file.endsWith(".ts") && !file.startsWith("sidecar/"),
  );
  const calls: string[] = [];
  for (const file of files) {
    const text = await readFile(join(folder, file), "utf8");
    for (const { index } of text.matchAll(
      /\b(?:Bun\.spawn(?:Sync)?|(?<!\.|function )(?:spawnSync|spawn|execFile|execSync|execFileSync))\(|Bun\.\$`/g,
    )) {
      if (!/\benv\b/.test(text.slice(index, text.indexOf(");", index)))) calls.push(file);
    }
  }
  expect(calls).toEqual([]);
});
