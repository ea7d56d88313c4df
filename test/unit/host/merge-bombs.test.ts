/** What a `git merge` of brought commits costs: an agent that replaces all files has git compare each with each. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mergeLimits, runMergeGit } from "../../../src/host/merge-git.ts";
import { aFolder, anEnvironment, aRepository, git } from "../../support/temporary.ts";

setDefaultTimeout(180_000);

/** A text of so many lines that no other seed has. */
function linesOf(seed: string, count: number): string {
  return Array.from({ length: count }, (_, at) => `${seed} ${Bun.hash(`${seed}${at}`).toString(36)}\n`).join(
    "",
  );
}

interface Shape {
  readonly removed: number;
  readonly added: number;
  readonly lines: number;
}

/**
 * A user who has changed each of `removed` files since the agent got them, and an agent's branch `bomb` in which they are gone and `added`
 * others are there. With the user's change git has to find out where each has gone.
 */
async function aReplacedTree({ removed, added, lines }: Shape): Promise<string> {
  const repository = await aRepository();
  const parts: string[] = [];
  const commit = (branch: string, from: string, body: readonly string[]) => {
    const mark = branch === "main" && from !== ":1" ? "mark :1\n" : "";
    const head = `commit refs/heads/${branch}\n${mark}committer A <a@example.invalid> 1 +0000\ndata 1\nx\n`;
    parts.push(`${head}from ${from}\n`, ...body);
  };
  const put = (path: string, text: string) =>
    `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
  const names = (stem: string, count: number) => Array.from({ length: count }, (_, at) => `${stem}${at}`);
  const own = names("own/", removed);
  commit(
    "main",
    "refs/heads/main^0",
    own.map((path) => put(path, linesOf(path, lines))),
  );
  commit("bomb", ":1", [
    ...own.map((path) => `D ${path}\n`),
    ...names("new/", added).map((path) => put(path, linesOf(path, lines))),
  ]);
  commit(
    "main",
    ":1",
    own.map((path) => put(path, `${linesOf(path, lines)}mine\n`)),
  );
  const input = join(await aFolder(), "import");
  await writeFile(input, parts.join(""));
  const imported = await run(repository, ["/bin/sh", "-c", 'git fast-import --quiet <"$1"', "sh", input]);
  expect(imported.said).toBe("");
  return repository;
}

const identity = {
  GIT_AUTHOR_NAME: "A",
  GIT_AUTHOR_EMAIL: "a@example.invalid",
  GIT_COMMITTER_NAME: "A",
  GIT_COMMITTER_EMAIL: "a@example.invalid",
};

/** How it ended and the processors' seconds that it took. */
async function run(folder: string, words: string[]) {
  const child = Bun.spawn(words, {
    cwd: folder,
    env: { ...(await anEnvironment()), ...identity },
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = await new Response(child.stderr).text();
  await child.exited;
  const { cpuTime } = child.resourceUsage() ?? { cpuTime: { total: 0n } };
  return { signal: child.signalCode, said, seconds: Number(cpuTime.total) / 1e6 };
}

/** Within so many seconds of a processor, which end it beyond them. */
function mergeWithin(repository: string, seconds: number, ...settings: string[]) {
  const script = 'ulimit -c 0; ulimit -t "$1"; shift; exec git "$@"';
  const merge = [...settings, "merge", "--no-edit", "bomb"];
  return run(repository, ["/bin/sh", "-c", script, "sh", String(seconds), ...merge]);
}

describe("a merge of an agent's commit that replaces 1,100 files of 400 lines", () => {
  // More than a million comparisons
  const shape = { removed: 1_100, added: 1_100, lines: 400 };
  const limits = mergeLimits.flatMap((limit) => ["-c", limit]);

  test("takes a small part of the time within our limits that it takes without, which is the control", async () => {
    const repository = await aReplacedTree(shape);
    await git(repository, "reset", "--quiet", "--hard");
    const limited = await mergeWithin(repository, 60, ...limits);
    expect(limited.said).toContain("rename detection was skipped due to too many files");
    await git(repository, "merge", "--abort");
    // What it may take of a processor follows from what the limited one took, on whatever machine
    const seconds = Math.ceil(2 * limited.seconds) + 1;
    const unlimited = await mergeWithin(repository, seconds);
    expect(unlimited.signal).not.toBeNull();
  });

  test("is made within them by the command that merges", async () => {
    const repository = await aReplacedTree({ ...shape, lines: 1 });
    await git(repository, "reset", "--quiet", "--hard");
    const env = { ...(await anEnvironment()), ...identity };
    const { isFine, lines } = await runMergeGit(repository, ["merge", "--no-edit", "bomb"], env);
    expect(isFine).toBe(false);
    expect(lines.join("\n")).toContain("rename detection was skipped due to too many files");
  });
});
