/** Which folder is Claude's own memory of a project, and what of it goes into a bottle. */
import { describe, expect, test } from "bun:test";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { memoryLimits } from "../../../../src/core/memory-files.ts";
import { findMemoryFolder, readProjectMemory } from "../../../../src/host/claude/project-memory.ts";
import { failureOf } from "../../../support/failure.ts";
import { madeUpToken } from "../../../support/read-own-claude.ts";
import { aFolder, aRepository, git, putFiles } from "../../../support/temporary.ts";

const nameOf = (path: string) => path.replaceAll(/[^a-zA-Z0-9]/g, "-");

async function aMemory(files: Readonly<Record<string, string>> = {}) {
  const home = await aFolder();
  const world = { env: { PATH: process.env["PATH"], HOME: home }, home, cwd: "/" };
  const project = await aRepository();
  const folder = `${home}/.claude/projects/${nameOf(project)}/memory`;
  await putFiles(folder, files);
  return { home, world, project, folder };
}

describe("Claude's own memory of a project", () => {
  test("has the name of the project's folder, which worktrees and folders of a repository share", async () => {
    const { world, project, folder, home } = await aMemory();
    const tree = join(await aFolder(), "tree");
    await git(project, "worktree", "add", "--quiet", tree);
    await mkdir(join(project, "below"));
    const bare = await aFolder();
    for (const place of [project, tree, join(project, "below")])
      expect(await findMemoryFolder(world, place)).toBe(folder);
    expect(await findMemoryFolder(world, bare)).toBe(`${home}/.claude/projects/${nameOf(bare)}/memory`);
    const moved = { ...world, env: { ...world.env, CLAUDE_CONFIG_DIR: "/elsewhere" } };
    expect(await findMemoryFolder(moved, bare)).toBe(`/elsewhere/projects/${nameOf(bare)}/memory`);
  });

  test("of another project is not found by a .git that leads there, not even from a folder below", async () => {
    const { world, project } = await aMemory();
    const sent = await aFolder({ ".git": `gitdir: ${project}/.git\n`, "below/a": "" });
    for (const place of [sent, `${sent}/below`])
      expect((await failureOf(findMemoryFolder(world, place))).message).toContain(
        "passes another repository off",
      );
    // The control: git itself takes it for the folder's own
    expect(await git(sent, "rev-parse", "--path-format=absolute", "--git-common-dir")).toBe(
      `${project}/.git`,
    );
  });

  test("is not looked for where Claude Code keeps it elsewhere, which is said", async () => {
    const { world, project, home } = await aMemory();
    const long = await aFolder({ [`${"x".repeat(200)}/a`]: "" });
    expect(await failureOf(findMemoryFolder(world, `${long}/${"x".repeat(200)}`))).toMatchObject({
      message: "Cannot find Claude's memory of this project: the folder's path is too long",
    });
    await putFiles(home, { ".claude/settings.json": '{"autoMemoryDirectory":"~/notes"}' });
    expect((await failureOf(findMemoryFolder(world, project))).message).toContain("autoMemoryDirectory");
  });

  test("goes in as it is: Markdown files alone, without links, transcripts and what is no text", async () => {
    const { world, project, folder } = await aMemory({
      "MEMORY.md": "- one\n",
      "sub/more.md": "two\n",
      "notes.txt": "x",
      "zero.md": "a\0b",
      "../a.jsonl": "words of a transcript",
    });
    await symlink("MEMORY.md", join(folder, "link.md"));
    const { files, leftOut, ...rest } = await readProjectMemory(world, project);
    expect(rest).toEqual({ folder });
    expect(files.map(({ path, size, mode }) => [path, size, mode])).toEqual([
      ["MEMORY.md", 6, 0o600],
      ["sub/more.md", 4, 0o600],
    ]);
    expect(leftOut.toSorted()).toEqual(["link.md", "notes.txt", "zero.md"]);
    // What Claude writes afterwards is not what was looked at
    await putFiles(folder, { "MEMORY.md": "later" });
    expect(Buffer.from((await files[0]?.read?.()) ?? "").toString()).toBe("- one\n");
  });

  test("is nothing where there is none yet", async () => {
    const { world, project } = await aMemory();
    expect(await readProjectMemory(world, project)).toMatchObject({ files: [], leftOut: [] });
  });

  test("ends the start if it is too much, or holds a credential", async () => {
    const { world, project, folder } = await aMemory({ "a.md": `token ${madeUpToken}\n` });
    const failure = await failureOf(readProjectMemory(world, project));
    expect(failure.message).toContain('"a.md" of Claude\'s memory into the bottle: it holds a credential');
    expect(JSON.stringify(failure)).not.toContain(madeUpToken);
    const many = Array.from({ length: memoryLimits.files }, (_, index) => [`${index}.md`, "x"]);
    await putFiles(folder, { ...Object.fromEntries(many), "a.md": "x" });
    expect((await failureOf(readProjectMemory(world, project))).message).toEndWith("more than 200 files");
    const large = "x".repeat(memoryLimits.fileBytes);
    const few = Array.from({ length: 9 }, (_, index) => [`${index}.md`, large]);
    await putFiles(folder, Object.fromEntries(few));
    expect((await failureOf(readProjectMemory(world, project))).message).toEndWith("more than 2.0 MiB");
    const one = await aMemory({ "a.md": `${large}x`, "b.md": large });
    expect(await readProjectMemory(one.world, one.project)).toMatchObject({
      files: [{ path: "b.md" }],
      leftOut: ["a.md"],
    });
  });
});
