import { describe, expect, test } from "bun:test";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { renderNote } from "../../../src/archive/notes.ts";
import { lookAtPlace, takeOut } from "../../../src/host/copy-out.ts";
import type { CopyTarget } from "../../../src/host/copy-out.ts";
import { CopyProblems } from "../../../src/host/copy-problems.ts";
import { silentProgress } from "../../../src/host/progress.ts";
import { makeTransferProgress } from "../../../src/host/transfer-progress.ts";
import { failureOf } from "../../support/failure.ts";
import { inPieces, makeHostileTar, renderRaw } from "../../support/hostile-tar.ts";
import type { RawMember } from "../../support/hostile-tar.ts";
import { aFolder } from "../../support/temporary.ts";

interface Taken {
  readonly files: number | undefined;
  readonly problems: CopyProblems;
}

async function take(
  target: CopyTarget,
  archive: Uint8Array,
  { name = "src", isContents = false } = {},
): Promise<Taken> {
  const problems = new CopyProblems(name);
  const taken = await takeOut(inPieces(archive), {
    target,
    from: `bottle:${name}`,
    name,
    isContents,
    progress: makeTransferProgress(silentProgress, ""),
    onProblem: (problem) => problems.add(problem),
    onLeftOut: (left) => problems.addLeftOut(left),
  });
  return { files: taken?.files, problems };
}

function toStream(): { target: CopyTarget; written: () => Buffer } {
  const pieces: Buffer[] = [];
  const output = new Writable({
    write(piece: Buffer, _encoding, done) {
      pieces.push(Buffer.from(piece));
      done();
    },
  });
  const target = { kind: "stream", output, signal: new AbortController().signal } as const;
  return { target, written: () => Buffer.concat(pieces) };
}

const tree: RawMember[] = [
  { name: "r/", type: "5" },
  { name: "r/a", content: "one", mode: 0o4755 },
  { name: "r/d/link", type: "2", linkTarget: "../a" },
  { name: "r/hard", type: "1", linkTarget: "r/a" },
  { name: "r/out", type: "2", linkTarget: "/etc/passwd" },
  { name: "r/d/.git/config", content: "[core]" },
  { name: "../up", content: "x" },
];

describe("takeOut()", () => {
  test("puts a folder where the rules say, and tells what it did not take by its real name", async () => {
    const folder = await aFolder();
    const { files, problems } = await take(await lookAtPlace(folder, "."), makeHostileTar(tree));
    expect(await readFile(join(folder, "src/d/link"), "utf8")).toBe("one");
    expect(files).toBe(3);
    expect(problems.lines).toEqual([
      '"src/out": it is a link to "/etc/passwd", which is an absolute path',
      '"../up": its name holds ".."',
    ]);
    expect([problems.leftOut, problems.leftOutNames]).toEqual([1, '"src/d/.git/config"']);
  });

  test("puts what is in a folder into a folder", async () => {
    const folder = await aFolder();
    await take(await lookAtPlace(folder, "."), makeHostileTar(tree), { isContents: true });
    expect(await readFile(join(folder, "hard"), "utf8")).toBe("one");
  });

  test("gives a tar that others unpack as harmlessly, with the user's own name for the folder", async () => {
    const { target, written } = toStream();
    const { files, problems } = await take(target, makeHostileTar(tree));
    expect([files, problems.count]).toEqual([3, 2]);
    const file = join(await aFolder(), "x.tar");
    await writeFile(file, written());
    const listed = await Bun.$`tar --numeric-owner -tvf ${file}`.text();
    const owner = `${process.getuid?.()}/${process.getgid?.()}`;
    expect(
      listed
        .split("\n")
        .filter(Boolean)
        .every((line) => line.includes(owner)),
    ).toBe(true);
    expect((await Bun.$`tar -tf ${file}`.text()).trim().split("\n")).toEqual([
      "src/",
      "src/a",
      "src/d/link",
      "src/hard",
    ]);
    const folder = await aFolder();
    await Bun.$`tar -xpf ${file} -C ${folder}`;
    expect((await Bun.$`stat -c %a ${join(folder, "src/a")}`.text()).trim()).toBe("755");
  });

  test("begins the names of a folder's content with a dot", async () => {
    const { target, written } = toStream();
    await take(target, makeHostileTar(tree.slice(0, 2)), { isContents: true });
    const file = join(await aFolder(), "x.tar");
    await writeFile(file, written());
    expect((await Bun.$`tar -tf ${file}`.text()).trim().split("\n")).toEqual(["./", "./a"]);
  });

  test("says that an archive was cut short, and gives a tar without an end", async () => {
    const folder = await aFolder();
    const cut = renderRaw({ name: "r", content: "x".repeat(9_000) }).subarray(0, 2_000);
    expect((await take(await lookAtPlace(join(folder, "new"), "new"), cut)).files).toBeUndefined();
    expect(await Array.fromAsync(new Bun.Glob("**").scan({ cwd: folder, dot: true }))).toEqual([]);
    const { target, written } = toStream();
    expect((await take(target, cut)).files).toBeUndefined();
    expect(written().length).toBeLessThan(9_000);
  });

  test.each([
    [
      "that is not there",
      renderNote({ note: "failed", reason: "no\u001b[2J" }),
      'Cannot copy "bottle:src": no\\x1b[2J',
    ],
    [
      "that is no tar",
      Buffer.alloc(1_024, "x"),
      'Cannot copy "bottle:src": what the bottle sent cannot be read: it is not a tar, or it is damaged: a checksum is wrong',
    ],
    [
      "that does not fit",
      renderRaw({ name: "r/x", size: 2 ** 52 }),
      'Cannot copy to "new": "x": it has 4096 TiB, and the disk has room for',
    ],
  ])("explains a source %s", async (_name, archive, message) => {
    const target = await lookAtPlace(join(await aFolder(), "new"), "new");
    expect((await failureOf(take(target, archive))).message).toStartWith(message);
  });

  test("refuses a folder in the place of a file, and one that git would take for its own", async () => {
    const folder = await aFolder({ file: "keep" });
    const archive = makeHostileTar(tree);
    const toFile = take(await lookAtPlace(join(folder, "file"), "file"), archive);
    expect((await failureOf(toFile)).message).toBe(
      'Cannot copy to "file": it is a file, which a folder does not replace',
    );
    const toGit = take(await lookAtPlace(folder, "."), archive, { name: ".git" });
    expect((await failureOf(toGit)).message).toContain("git would run what is configured");
    const asTar = take(toStream().target, archive, { name: ".git" });
    expect((await failureOf(asTar)).message).toContain("git would run what is configured");
  });

  test("ends when nobody takes what it writes any more", async () => {
    const output = new PassThrough({ highWaterMark: 1 });
    const controller = new AbortController();
    const archive = makeHostileTar([{ name: "r", content: "x".repeat(500_000) }]);
    const taking = take({ kind: "stream", output, signal: controller.signal }, archive);
    const reason = new Error("a pipe was closed");
    controller.abort(reason);
    const error = await taking.catch((one: unknown) => one);
    expect(error === reason || (error as Error).name === "AbortError").toBe(true);
  });
});

describe("lookAtPlace()", () => {
  test("refuses a link to a file before anything is copied", async () => {
    const folder = await aFolder({ secret: "keep" });
    await symlink("secret", join(folder, "report.txt"));
    const error = await failureOf(lookAtPlace(join(folder, "report.txt"), "report.txt"));
    expect(error.message).toBe('Cannot copy to "report.txt": it is a link; name the file that it leads to');
  });
});
