/** The copier as a program, without a bottle around it: what it sends, what it takes, and what it says of both. */
import { describe, expect, test } from "bun:test";
import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { sentRoot } from "../../../src/archive/pack-tree.ts";
import { renderNote } from "../../../src/archive/notes.ts";
import { parseCopyEvent } from "../../../src/protocol/copy-events.ts";
import { endOfArchive, inPieces, makeHostileTar, renderRaw, unpackAt } from "../../support/hostile-tar.ts";
import { aFolder } from "../../support/temporary.ts";

const program = join(import.meta.dir, "../../../src/sidecar/copy/main.ts");

function start(cwd: string, request: string) {
  const child = Bun.spawn([process.execPath, program], {
    cwd,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
  child.stdin.write(request);
  void child.stdin.flush();
  return child;
}

/** What it sends of a path, unpacked anew. */
async function sent(cwd: string, path: string, leavesOutGit = false) {
  const child = start(cwd, `${JSON.stringify({ task: "send", path, leavesOutGit })}\n`);
  const archive = await new Response(child.stdout).bytes();
  const exitCode = await child.exited;
  const at = join(await aFolder(), "out");
  const taken = await unpackAt(at, inPieces(archive), { leavesOutGit: false }).catch((error: Error) => error);
  return { at, exitCode, taken };
}

/** What it says of an archive that is sent once it is ready. */
async function received(cwd: string, path: string, source: object | undefined, archive: Uint8Array) {
  const child = start(cwd, `${JSON.stringify({ task: "receive", path, source })}\n`);
  const events: unknown[] = [];
  let text = "";
  for await (const chunk of child.stdout) {
    const lines = (text + Buffer.from(chunk).toString()).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      const event = parseCopyEvent(JSON.parse(line));
      events.push(event);
      if (event?.event !== "ready") continue;
      child.stdin.write(archive);
      void child.stdin.end();
    }
  }
  return { events, exitCode: await child.exited };
}

const file = { kind: "file", name: "a", isContents: false } as const;
describe("a copier that sends", () => {
  test("sends a folder by its whole path and from where it was started, with .git if that is asked for", async () => {
    const folder = await aFolder({ "d/a": "A", "d/.git/config": "x", "d/sub/b": "x".repeat(100_000) });
    for (const [cwd, path] of [
      ["/", `${folder}/d`],
      [folder, "d"],
    ] as const) {
      const { at, exitCode, taken } = await sent(cwd, path);
      expect([exitCode, taken]).toMatchObject([0, { files: 3, problems: [] }]);
      expect(await Bun.file(join(at, "a")).text()).toBe("A");
      expect((await stat(join(at, "sub/b"))).size).toBe(100_000);
    }
    const { at } = await sent(folder, "d", true);
    expect((await readdir(at)).toSorted()).toEqual(["a", "sub"]);
  });

  test("says why nothing comes", async () => {
    const { exitCode, taken } = await sent(await aFolder(), "none");
    expect([exitCode, String(taken)]).toEqual([0, expect.stringContaining("there is no such file")]);
  });

  test("ends once nobody holds its input any more, though nobody reads what it sends", async () => {
    const folder = await aFolder({ large: "x".repeat(8_000_000) });
    const child = start(folder, `${JSON.stringify({ task: "send", path: "large", leavesOutGit: false })}\n`);
    const reader = child.stdout.getReader();
    await reader.read();
    void child.stdin.end();
    expect(await child.exited).toBe(1);
  });
});

describe("a copier that receives", () => {
  test("puts a file where it was asked for, and says so", async () => {
    const folder = await aFolder();
    const archive = makeHostileTar([{ name: sentRoot, content: "x".repeat(5_000) }]);
    expect(await received(folder, "new", file, archive)).toEqual({
      events: [{ event: "ready" }, { event: "done" }],
      exitCode: 0,
    });
    expect((await stat(join(folder, "new"))).size).toBe(5_000);
  });

  test("puts an archive of somebody's own into a folder, and into nothing else", async () => {
    const folder = await aFolder({ "there/x": "" });
    const archive = makeHostileTar([{ name: "./a", content: "A" }]);
    expect((await received(folder, "there", undefined, archive)).events).toEqual([
      { event: "ready" },
      { event: "done" },
    ]);
    expect(await Bun.file(join(folder, "there/a")).text()).toBe("A");
    for (const path of ["none", "there/x"])
      expect((await received(folder, path, undefined, archive)).events).toEqual([
        { event: "failed", reason: "there is no such folder" },
      ]);
  });

  test("puts a repository of the user's there with its .git, which only a way out leaves behind", async () => {
    const folder = await aFolder({ "d/x": "" });
    const archive = makeHostileTar([
      { name: sentRoot, type: "5" },
      { name: `${sentRoot}/.git`, type: "5" },
      { name: `${sentRoot}/.git/HEAD`, content: "ref: refs/heads/main\n" },
    ]);
    const { events } = await received(
      folder,
      "d/in",
      { kind: "folder", name: "r", isContents: false },
      archive,
    );
    expect(events).toEqual([{ event: "ready" }, { event: "done" }]);
    expect(await Bun.file(join(folder, "d/in/.git/HEAD")).text()).toContain("refs/heads/main");
  });

  test("tells what it refuses, takes the rest, and puts nothing of what became shorter", async () => {
    const folder = await aFolder();
    await mkdir(join(folder, "d"));
    const spoilt = Buffer.concat([
      renderRaw({ name: sentRoot, type: "5" }),
      renderRaw({ name: `${sentRoot}/short`, content: "00000" }),
      renderNote({ note: "spoilt" }),
      renderRaw({ name: `${sentRoot}/../up`, content: "x" }),
      renderRaw({ name: `${sentRoot}/good`, content: "x" }),
      endOfArchive,
    ]);
    const source = { kind: "folder", name: "d", isContents: true };
    const { events } = await received(folder, "d", source, spoilt);
    expect(events.at(-1)).toEqual({ event: "done" });
    expect(events.filter((one) => Object(one).event === "problem")).toHaveLength(2);
    expect(await readdir(join(folder, "d"))).toEqual(["good"]);
    expect(await readdir(folder)).toEqual(["d"]);
  });

  test("says that an archive is cut short, and leaves nothing half-made", async () => {
    const folder = await aFolder();
    const { events } = await received(
      folder,
      "new",
      file,
      makeHostileTar([{ name: sentRoot, content: "x".repeat(5_000) }]).subarray(0, 2_000),
    );
    expect(events).toMatchObject([{ event: "ready" }, { event: "failed" }]);
    expect(await readdir(folder)).toEqual([]);
  });
});

test.each([
  ["nothing", ""],
  ["no line", "{"],
  ["no JSON", "x\n"],
  ["more than a request can be", `${"x".repeat(70_000)}\n`],
])("a copier that is told %s ends with a word about it", async (_name, request) => {
  const child = start("/", request);
  void child.stdin.end();
  expect([await child.exited, await new Response(child.stdout).text()]).toEqual([1, ""]);
  expect(await new Response(child.stderr).text()).not.toBe("");
});
