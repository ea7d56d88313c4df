/** What an agent made of Claude's memory is shown without what would command a terminal, and taken only on a yes. */
import { describe, expect, test } from "bun:test";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { command as memory } from "../../../src/cli/commands/memory.ts";
import { exitCodes } from "../../../src/core/error.ts";
import { digestOf } from "../../../src/host/known-content.ts";
import { writeReceipt } from "../../../src/host/session-records.ts";
import { stateFolder } from "../../../src/host/state.ts";
import type { MemoryNote } from "../../../src/protocol/memory-note.ts";
import { failureOf } from "../../support/failure.ts";
import { aReceipt } from "../../support/receipts.ts";
import { aCommandHome } from "../../support/run-command.ts";
import { aFolder, putFiles } from "../../support/temporary.ts";

type Files = Readonly<Record<string, string>>;

interface Change {
  /** What the user had when the session began, and what the agent left in its place */
  readonly before?: Files;
  readonly after?: Files;
  readonly removed?: readonly string[];
  readonly refused?: readonly string[];
}

async function aChange({ before = {}, after = {}, removed = [], refused = [] }: Change) {
  const { app, home, run } = await aCommandHome();
  const workspace = await aFolder();
  const folder = join(home, ".claude/projects", workspace.replaceAll(/[^a-zA-Z0-9]/g, "-"), "memory");
  await putFiles(folder, before);
  const note: MemoryNote = {
    wentIn: Object.entries(before).map(([path, text]) => ({ path, digest: digestOf(text) })),
    changed: Object.keys(after),
    removed,
    refused,
  };
  const state = stateFolder(app.world);
  await writeReceipt(state, aReceipt({ workspace, memory: note }));
  await putFiles(join(state, "sessions/k3f9q2/memory"), after);
  const read = (path: string) => readFile(join(folder, path), "utf8").catch(() => undefined);
  return { run: (yes = false) => run(memory, { session: "k3f9q2", yes }), folder, read, home };
}

describe("claude-bottle memory", () => {
  test("shows what is new, changed and gone, and takes nothing without a yes", async () => {
    const { run, read } = await aChange({
      before: { "MEMORY.md": "one\ntwo\n", "gone.md": "x" },
      after: { "MEMORY.md": "one\nthree \u001b[2J\u202e\n", "sub/new.md": "new" },
      removed: ["gone.md"],
    });
    const { stdout, stderr, exitCode } = await run();
    expect(stdout).toBe(
      "MEMORY.md (changed)\n- two\n+ three \\x1b[2J\\u{202e}\n\nsub/new.md (new)\n+ new\n\ngone.md (removed)\n- x\n\n",
    );
    expect([stderr, exitCode]).toEqual(["Nothing was taken; --yes takes it.\n", exitCodes.failure]);
    expect([await read("MEMORY.md"), await read("sub/new.md"), await read("gone.md")]).toEqual([
      "one\ntwo\n",
      undefined,
      "x",
    ]);
  });

  test("takes exactly that with --yes, and has nothing left to take afterwards", async () => {
    const { run, read } = await aChange({
      before: { "MEMORY.md": "one", "gone.md": "x" },
      after: { "MEMORY.md": "two\u202e\r\n", "sub/new.md": "\ufeffnew" },
      removed: ["gone.md"],
    });
    const { stderr, exitCode } = await run(true);
    expect(stderr).toStartWith("Taken into ~/.claude/projects/");
    expect(exitCode).toBe(exitCodes.ok);
    expect([await read("MEMORY.md"), await read("sub/new.md"), await read("gone.md")]).toEqual([
      "two\u202e\r\n",
      "\ufeffnew",
      undefined,
    ]);
    expect(await run(true)).toEqual({
      stdout: "",
      stderr: "Nothing of hello-k3f9q2 is left to take.\n",
      exitCode: exitCodes.ok,
    });
  });

  test("leaves a file that the user has changed since, and takes the others", async () => {
    const { run, read, folder } = await aChange({
      before: { "a.md": "one", "b.md": "one", "c.md": "one" },
      after: { "a.md": "two", "b.md": "two", "new.md": "theirs" },
      removed: ["c.md"],
    });
    await putFiles(folder, { "a.md": "mine", "c.md": "mine", "new.md": "mine" });
    const { stderr, exitCode } = await run(true);
    for (const path of ["a.md", "c.md", "new.md"])
      expect(stderr).toContain(`${path} is not taken: yours has changed since the session began.`);
    expect(exitCode).toBe(exitCodes.failure);
    expect(await Promise.all(["a.md", "b.md", "c.md", "new.md"].map(read))).toEqual([
      "mine",
      "two",
      "mine",
      "mine",
    ]);
  });

  test("writes through no link below the memory's folder", async () => {
    const { run, folder, home } = await aChange({
      after: { "sub/a.md": "theirs", "b.md": "theirs", "c.md": "fine" },
    });
    await mkdir(folder, { recursive: true });
    await putFiles(home, { "outside/a.md": "mine", "outside/b.md": "mine" });
    await symlink(join(home, "outside"), join(folder, "sub"));
    await symlink(join(home, "outside/b.md"), join(folder, "b.md"));
    const { stderr } = await run(true);
    expect(stderr).toContain("sub/a.md is not taken: in its place is a link");
    expect(stderr).toContain("b.md is not taken: in its place is a link");
    expect(await readFile(join(home, "outside/a.md"), "utf8")).toBe("mine");
    expect(await readFile(join(home, "outside/b.md"), "utf8")).toBe("mine");
    // The control: beside them it is written
    expect(await readFile(join(folder, "c.md"), "utf8")).toBe("fine");
  });

  test("names what was refused, escaped", async () => {
    const { run } = await aChange({ refused: ["evil\u001b[2J"] });
    expect((await run()).stderr).toStartWith("Not pulled: evil\\x1b[2J\n");
  });

  test("says so where a session carried no memory, or none was pulled yet", async () => {
    const { app, run } = await aCommandHome();
    const fail = async (end: "ended" | "running") => {
      await writeReceipt(stateFolder(app.world), aReceipt({ end, workspace: "/w" }));
      return (await failureOf(run(memory, { session: "k3f9q2" }))).message;
    };
    expect(await fail("ended")).toEndWith("it did not carry Claude's memory of a project");
    expect(await fail("running")).toEndWith("nothing of it was pulled yet");
  });
});
