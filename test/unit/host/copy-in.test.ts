import { describe, expect, test } from "bun:test";
import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fromText } from "../../../src/archive/byte-names.ts";
import { openInput, openPlace } from "../../../src/host/copy-in.ts";
import type { SendIn } from "../../../src/host/copy-in.ts";
import { CopyProblems } from "../../../src/host/copy-problems.ts";
import { silentProgress } from "../../../src/host/progress.ts";
import { makeTransferProgress } from "../../../src/host/transfer-progress.ts";
import { failureOf } from "../../support/failure.ts";
import { inPieces, makeHostileTar, unpackAt } from "../../support/hostile-tar.ts";
import type { Unpacked } from "../../support/hostile-tar.ts";
import { aFolder } from "../../support/temporary.ts";

const progress = makeTransferProgress(silentProgress, "");

async function open(path: string, problems = new CopyProblems("x")): Promise<SendIn> {
  const named = { path, typed: path, name: "given", isContents: false };
  return openPlace(named, { progress, onProblem: (problem) => problems.add(problem) });
}

function streamOf(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const next = await pieces.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value);
    },
  });
}

function input(bytes: Uint8Array, problems = new CopyProblems(undefined)): SendIn {
  const stream = streamOf(inPieces(bytes));
  return openInput(() => stream, { progress, onProblem: (problem) => problems.add(problem) });
}

/** As a bottle takes it */
function arrive(at: string, { archive, source }: SendIn): Promise<Unpacked> {
  const rules = { links: "any", leavesOutGit: false } as const;
  return unpackAt(fromText(at), archive, source ? rules : { ...rules, root: undefined });
}

describe("openPlace()", () => {
  test("sends a folder with its links as they are, and what a named link leads to", async () => {
    const root = await aFolder({ "folder/a": "one", "folder/.git/config": "x" });
    await symlink("/etc/passwd", join(root, "folder/out"));
    await symlink("folder", join(root, "link"));
    const sending = await open(join(root, "link"));
    expect(sending.source).toEqual({ kind: "folder", name: "given", isContents: false });
    const done = await arrive(join(root, "new"), sending);
    expect([done.problems, sending.sent]).toEqual([[], { files: 3, bytes: 4 }]);
    expect((await Bun.$`readlink ${join(root, "new/out")}`.text()).trim()).toBe("/etc/passwd");
    expect(await readFile(join(root, "new/.git/config"), "utf8")).toBe("x");
  });

  test("explains what cannot be sent", async () => {
    const root = await aFolder();
    expect((await failureOf(open(join(root, "none")))).message).toEndWith(
      ": there is no such file or folder",
    );
    await Bun.$`mkfifo ${join(root, "fifo")}`;
    expect((await failureOf(open(join(root, "fifo")))).message).toEndWith(
      ": it is neither a plain file nor a folder",
    );
    const problems = new CopyProblems("given");
    await arrive(join(root, "new"), await open(root, problems));
    expect(problems.lines).toEqual(['"given/fifo": it is a FIFO']);
  });
});

describe("openInput()", () => {
  test("sends a tar of any make on, but for what is no file", async () => {
    const root = await aFolder({ "a/b": "one", "new/keep": "" });
    const problems = new CopyProblems(undefined);
    const bytes = makeHostileTar([
      { name: "x/", type: "5" },
      { name: "x/y", content: "two" },
      { name: "r/z", content: "three" },
      { name: "fifo", type: "6" },
    ]);
    const done = await arrive(join(root, "new"), input(bytes, problems));
    expect([done.problems, problems.lines]).toEqual([[], ['"fifo": it is a FIFO']]);
    expect(await readFile(join(root, "new/x/y"), "utf8")).toBe("two");
    expect(await readFile(join(root, "new/r/z"), "utf8")).toBe("three");
    const gnu = new Uint8Array(await Bun.$`tar -c --format=gnu -C ${root} a`.arrayBuffer());
    await arrive(join(root, "new"), input(gnu));
    expect(await readFile(join(root, "new/a/b"), "utf8")).toBe("one");
  });

  test("reads to the end of what comes, so that its writer is not cut off", async () => {
    let isWhole = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      yield makeHostileTar([{ name: "x" }]);
      for (let count = 0; count < 20; count += 1) yield Buffer.alloc(10_240);
      isWhole = true;
    }
    const stream = streamOf(source());
    const sending = openInput(() => stream, { progress, onProblem: () => undefined });
    await arrive(join(await aFolder({ "new/keep": "" }), "new"), sending);
    expect(isWhole).toBe(true);
  });

  test("says what is wrong with what comes, and how to unpack it", async () => {
    const root = await aFolder({ a: "one" });
    const packed = new Uint8Array(await Bun.$`tar -cz -C ${root} a`.arrayBuffer());
    const error = await failureOf(arrive(join(root, "new"), input(packed)));
    expect([error.message, error.exitCode]).toEqual(["Cannot read the tar on stdin: it is compressed", 2]);
    expect(error.hint).toContain("gunzip");
    const empty = await failureOf(arrive(join(root, "new"), input(new Uint8Array())));
    expect(empty.message).toBe("Cannot read the tar on stdin: it ends in the middle");
    expect(empty.hint).toContain("uncompressed");
  });
});
