import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GitStandstill, outerLimits, runGitProcess } from "../../../src/host/git-process.ts";
import { readWorkspace } from "../../../src/host/workspace/workspace.ts";
import { aFolder, anEnvironment, aRepository, git, putFiles } from "../../support/temporary.ts";

setDefaultTimeout(120_000);

async function aPipe(path: string): Promise<void> {
  await rm(path, { force: true, recursive: true });
  await Bun.$`mkdir -p ${dirname(path)} && mkfifo ${path}`.quiet();
}

/** Everything a start with `--cwd` does with a folder. */
async function takeIn(cwd: string, home: string): Promise<string[]> {
  const env = { ...(await anEnvironment()), HOME: home };
  const workspace = await readWorkspace({ cwd, env, home, pid: process.pid });
  const paths: string[] = [];
  for await (const entry of workspace.entries()) {
    paths.push(entry.path);
    if (entry.open) for (const _ of (await entry.open()).pieces());
    else await entry.read?.();
  }
  return paths;
}

const pipes: readonly [string, (folder: string, home: string) => Promise<unknown>][] = [
  [
    "as an included configuration",
    async (folder) => {
      await aPipe(join(folder, "more"));
      await git(folder, "config", "core.x", "1");
      await putFiles(folder, { ".git/config": "[include]\n\tpath = ../more\n" });
    },
  ],
  ["as the repository's configuration", (folder) => aPipe(join(folder, ".git/config"))],
  ["as the user's configuration", (_, home) => aPipe(join(home, ".gitconfig"))],
  [
    "as core.excludesFile",
    async (folder) => {
      await aPipe(join(folder, "list"));
      await git(folder, "config", "core.excludesFile", join(folder, "list"));
    },
  ],
  [
    "as core.attributesFile",
    async (folder) => {
      await aPipe(join(folder, "list"));
      await git(folder, "config", "core.attributesFile", join(folder, "list"));
      // Git reads attributes once it looks at a file's content
      await putFiles(folder, { "a.txt": "b\n" });
    },
  ],
  ["as info/exclude", (folder) => aPipe(join(folder, ".git/info/exclude"))],
  ["as info/attributes", (folder) => aPipe(join(folder, ".git/info/attributes"))],
  ["as .gitignore", (folder) => aPipe(join(folder, ".gitignore"))],
  ["as .gitignore in a folder", (folder) => aPipe(join(folder, "sub/.gitignore"))],
  ["as .gitattributes", (folder) => aPipe(join(folder, ".gitattributes"))],
  ["as .mailmap", (folder) => aPipe(join(folder, ".mailmap"))],
  ["as .gitmodules", (folder) => aPipe(join(folder, ".gitmodules"))],
  ["as HEAD", (folder) => aPipe(join(folder, ".git/HEAD"))],
  ["as the index", (folder) => aPipe(join(folder, ".git/index"))],
  ["as a branch", (folder) => aPipe(join(folder, ".git/refs/heads/other"))],
  ["as packed refs", (folder) => aPipe(join(folder, ".git/packed-refs"))],
  ["as a commit graph", (folder) => aPipe(join(folder, ".git/objects/info/commit-graph"))],
  ["as alternates", (folder) => aPipe(join(folder, ".git/objects/info/alternates"))],
  ["as shallow", (folder) => aPipe(join(folder, ".git/shallow"))],
  ["as commondir", (folder) => aPipe(join(folder, ".git/commondir"))],
  ["as .git", (folder) => aPipe(join(folder, ".git"))],
  ["as an operation's file", (folder) => aPipe(join(folder, ".git/MERGE_HEAD"))],
  [
    "behind a link in place of a log",
    async (folder) => {
      await aPipe(join(folder, "pipe"));
      await rm(join(folder, ".git/logs/HEAD"));
      await symlink("../../pipe", join(folder, ".git/logs/HEAD"));
    },
  ],
];

describe("a folder with a pipe in a file's place", () => {
  // All at once: each takes as long as nothing may happen
  test("comes to an end, and one that git waits for is told with what to do", async () => {
    const ends = await Promise.all(
      pipes.map(async ([name, place]) => {
        const [folder, home] = [await aRepository(), await aFolder()];
        await place(folder, home);
        const end = await takeIn(folder, home).then(
          () => "taken in",
          (error: Error & { hint?: string }) => `${error.message.replace(folder, "X")} | ${error.hint ?? ""}`,
        );
        return [name, end] as const;
      }),
    );
    for (const [, end] of ends) expect(end).toMatch(/^taken in$|^Cannot .* \| .*[a-z]/);
    const waited = ends.filter(([, end]) => end.includes("waits for something")).map(([name]) => name);
    expect(waited).toContain("as an included configuration");
    expect(waited).toContain("as core.excludesFile");
    expect(waited).toContain("as info/exclude");
  });
});

describe("runGitProcess()", () => {
  const patience = { lookMs: 50, looks: 6 };

  test("ends what waits, with the processes that it started", async () => {
    const folder = await aRepository();
    const pipe = join(folder, "pipe");
    await aPipe(pipe);
    const env = { PATH: process.env["PATH"] ?? "", HOME: folder };
    // Git waits for the shell, and the shell for the pipe
    const words = [
      "-c",
      `alias.wait=!sh -c ': > ${folder}/began; cat ${pipe}; : > ${folder}/went-on'`,
      "wait",
    ];
    const error = await runGitProcess({ folder, words, env, limits: outerLimits, patience }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(GitStandstill);
    expect(await Bun.file(join(folder, "began")).exists()).toBe(true);
    // Whoever opens the other end now meets nobody
    await Bun.$`sh -c ${`exec 3<>${pipe}`}`.quiet();
    expect(await Bun.file(join(folder, "went-on")).exists()).toBe(false);
  });

  test("lets work what works, itself or by what it started, for longer than nothing may happen", async () => {
    const folder = await aRepository();
    const env = { PATH: process.env["PATH"] ?? "", HOME: folder };
    const busy = "i=0; while [ $i -lt 500000 ]; do i=$((i+1)); done; echo done";
    const words = ["-c", `alias.work=!sh -c '${busy}'`, "work"];
    const { code, output } = await runGitProcess({
      folder,
      words,
      env,
      limits: outerLimits,
      patience: { lookMs: 20, looks: 5 },
    });
    expect([code, Buffer.from(output).toString()]).toEqual([0, "done\n"]);
  });

  test("control: without an end git does wait for a pipe", async () => {
    const folder = await aRepository();
    await aPipe(join(folder, ".git/info/exclude"));
    const child = Bun.spawn(["git", "ls-files", "--others", "--exclude-standard"], {
      cwd: folder,
      stdout: "ignore",
      stderr: "ignore",
    });
    const first = await Promise.race([child.exited, Bun.sleep(1_000).then(() => "waits")]);
    child.kill("SIGKILL");
    await child.exited;
    expect(first).toBe("waits");
  });
});

describe("limits of a git", () => {
  const env = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" };

  test("hold for it and for what it starts", async () => {
    const folder = await aFolder();
    const words = [
      "-c",
      "alias.limits=!sh -c 'ulimit -t; ulimit -d; ulimit -f; echo $GIT_ALLOC_LIMIT'",
      "limits",
    ];
    const limits = { cpuSeconds: 7, memoryBytes: 2048 * 1024, objectBytes: 1_000_000, fileBytes: 512 * 30 };
    const { output } = await runGitProcess({ folder, words, env, limits });
    const [time, memory, file, object] = Buffer.from(output).toString().split("\n");
    expect([time, memory, object]).toEqual(["7", "2048", "1000000"]);
    // In blocks of 512 or of 1024 bytes, as the shell pleases
    expect(["30", "15"]).toContain(file ?? "");
  });

  test("end what goes over them", async () => {
    const folder = await aFolder();
    const words = ["-c", "alias.work=!while :; do :; done", "work"];
    const limits = { cpuSeconds: 1, memoryBytes: 1024 * 1024 * 1024 };
    expect((await runGitProcess({ folder, words, env, limits })).code).not.toBe(0);
  });
});
