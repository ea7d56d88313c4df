import { describe, expect, test } from "bun:test";
import { exists, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { makeTally } from "../../../../scripts/lib/test/tally.ts";
import { readBunTest, readChecks } from "../../../../scripts/lib/test/reader.ts";
import { runBatch } from "../../../../scripts/lib/test/run-batch.ts";
import type { BatchContext } from "../../../../scripts/lib/test/run-batch.ts";
import { aFolder, putFiles } from "../../../support/temporary.ts";

const passing = 'import { test } from "bun:test";\ntest("passes", () => {});\n';
const failing = `import { expect, test } from "bun:test";
test("passes", () => {});
test("fails", () => { console.log("before it"); expect(1).toBe(2); });
test.skip("is skipped", () => {});
`;
const hanging = `import { test } from "bun:test";
test("passes first", () => {});
test("hangs", () => { for (;;); });
`;

/** For which nobody looks at what happens */
function aContext(root: string): Omit<BatchContext, "idleMs"> {
  return {
    root,
    env: { PATH: process.env["PATH"], HOME: root },
    temporary: join(root, "tmp"),
    signal: new AbortController().signal,
    tally: makeTally(),
    watcher: { onFile: () => undefined, onFileEnd: () => undefined, onText: () => undefined },
  };
}

/** Runs these files by the real test command, all in one process, and tells what came of it. */
async function run(
  files: Readonly<Record<string, string>>,
  { idleMs = 60_000, words }: { idleMs?: number; words?: (files: readonly string[]) => string[] } = {},
) {
  const root = await aFolder();
  await mkdir(join(root, "tmp"));
  await putFiles(root, files);
  const tally = makeTally();
  const texts: string[] = [];
  const ended: string[] = [];
  await runBatch(
    {
      tier: "unit",
      files: Object.keys(files),
      words: words ?? ((some) => [process.execPath, "test", ...some.map((file) => `./${file}`)]),
      makeReader: readBunTest,
    },
    {
      ...aContext(root),
      idleMs,
      tally,
      watcher: {
        onFile: () => undefined,
        onFileEnd: (_tier, file) => void ended.push(file),
        onText: (_file, lines) => void texts.push(...lines),
      },
    },
  );
  const failures = tally.results().filter((one) => one.verdict === "failed");
  return {
    root,
    counts: tally.counts(),
    failures: failures.map(({ file, name }) => `${file}: ${name}`),
    texts,
    ended,
  };
}

describe("test files in one process", () => {
  test("are counted, and what failed is shown with what it said, and nothing else", async () => {
    const { counts, failures, texts, ended } = await run({ "a.test.ts": passing, "b.test.ts": failing });
    expect(counts).toEqual({ passed: 2, failed: 1, skipped: 1 });
    expect(failures).toEqual(["b.test.ts: fails"]);
    expect(texts).toContain("before it");
    expect(texts.join("\n")).toContain("Expected: 2");
    expect(texts.join("\n")).not.toContain("passes [");
    expect(ended).toEqual(["a.test.ts", "b.test.ts"]);
  });

  test("that hang are ended and named; what was done before counts, and the others are run", async () => {
    const files = { "a.test.ts": passing, "b.test.ts": hanging, "c.test.ts": passing, "d.test.ts": failing };
    const { counts, failures } = await run(files, { idleMs: 2_500 });
    expect(counts).toEqual({ passed: 4, failed: 2, skipped: 1 });
    expect(failures[0]).toMatch(
      /^b\.test\.ts: \(hung: nothing was heard of it for .* minutes, after "passes first"\)$/,
    );
    expect(failures[1]).toBe("d.test.ts: fails");
  });

  test("that hang before their first test are named as well", async () => {
    const files = {
      "a.test.ts": passing,
      "b.test.ts": "await new Promise(() => setInterval(() => {}, 1000));\n",
    };
    const { counts, failures } = await run(files, { idleMs: 2_500 });
    expect(counts).toMatchObject({ passed: 1, failed: 1 });
    expect(failures[0]).toStartWith("b.test.ts: (hung:");
  });

  test("are given time for as long as something is heard of them", async () => {
    const talking = `import { test } from "bun:test";
test("talks", async () => { for (let i = 0; i < 12; i += 1) { console.log(i); await Bun.sleep(200); } });\n`;
    expect((await run({ "a.test.ts": talking }, { idleMs: 1_500 })).counts).toMatchObject({
      passed: 1,
      failed: 0,
    });
  });

  test("that end their process cost themselves alone", async () => {
    const ending = `import { test } from "bun:test";
test("passes", () => {});
test("ends all", () => process.kill(process.pid, "SIGKILL"));\n`;
    const { counts, failures } = await run({ "a.test.ts": ending, "b.test.ts": passing });
    expect(counts).toEqual({ passed: 2, failed: 1, skipped: 0 });
    expect(failures).toEqual([
      'a.test.ts: (ended with exit code 137 before its tests were through, after "passes")',
    ]);
  });

  test("that cannot be loaded have failed, once and with the reason", async () => {
    const { counts, failures, texts } = await run({
      "a.test.ts": 'throw new Error("cannot load");\n',
      "b.test.ts": passing,
    });
    expect(counts).toEqual({ passed: 1, failed: 1, skipped: 0 });
    expect(failures).toEqual(["a.test.ts: (outside of its tests)"]);
    expect(texts.join("\n")).toContain("cannot load");
  });

  test("have all failed where the command does not come to the first, which is shown once", async () => {
    const words = () => ["sh", "-c", "echo it cannot start; exit 3"];
    const { counts, failures } = await run({ "a.test.ts": passing, "b.test.ts": passing }, { words });
    expect(counts).toEqual({ passed: 0, failed: 2, skipped: 0 });
    expect(failures[0]).toContain("exit code 3");
    expect(failures[1]).toBe("b.test.ts: (not run)");
  });

  test("have failed if the command says so at its end, whatever was heard before", async () => {
    const words = () => [
      "sh",
      "-c",
      "echo a.test.ts:; echo ' 1 pass'; echo 'Ran 1 test across 1 file. [1ms]'; exit 1",
    ];
    const { counts, failures } = await run({ "a.test.ts": passing }, { words });
    expect(counts).toEqual({ passed: 1, failed: 1, skipped: 0 });
    expect(failures).toEqual(["a.test.ts: (ended with exit code 1)"]);
  });

  test("are counted as the command counts them where a line only looked like a result", async () => {
    const lying = `import { test } from "bun:test";
test("lies", () => console.error("(pass) nothing\\n(fail) nothing"));\n`;
    expect((await run({ "a.test.ts": lying })).counts).toEqual({ passed: 1, failed: 0, skipped: 0 });
  });

  test("may leave nothing in their temporary folder, which goes", async () => {
    const leaving = `import { test } from "bun:test";
test("leaves", async () => { await Bun.write(process.env.TMPDIR + "/rest", ""); });\n`;
    const { root, counts, failures } = await run({ "a.test.ts": leaving });
    expect(counts).toEqual({ passed: 1, failed: 1, skipped: 0 });
    expect(failures).toEqual(["a.test.ts: (left in the temporary folder: rest)"]);
    expect([...new Bun.Glob("tmp/*").scanSync({ cwd: root, onlyFiles: false })]).toEqual([]);
  });

  test("that hang are ended with all that they have started", async () => {
    const starting = `import { test } from "bun:test";
test("starts", async () => {
  Bun.spawn(["sh", "-c", "echo $$ >child; exec sleep 600"], { stdin: "ignore" });
  while (!(await Bun.file("child").exists())) await Bun.sleep(10);
});
test("hangs", () => { for (;;); });\n`;
    const { root, counts } = await run({ "a.test.ts": starting }, { idleMs: 2_500 });
    expect(counts).toMatchObject({ passed: 1, failed: 1 });
    const child = (await Bun.file(join(root, "child")).text()).trim();
    while (await isAlive(child)) await Bun.sleep(20);
  });
});

/** A zombie has ended */
async function isAlive(pid: string): Promise<boolean> {
  if (!(await exists(`/proc/${pid}/stat`))) return false;
  const stat = await Bun.file(`/proc/${pid}/stat`)
    .text()
    .catch(() => ") Z");
  return !stat.includes(") Z");
}

test("what a process that did not end well has left elsewhere is cleared up by its id", async () => {
  const root = await aFolder();
  await mkdir(join(root, "tmp"));
  const files = ["a.test.ts", "b.test.ts"];
  await runBatch(
    {
      tier: "engine",
      files,
      words: ([file]) => [
        "sh",
        "-c",
        `echo; echo ${file}:; echo $CLAUDE_BOTTLE_TEST_FILE >>ids; [ ${file} = b.test.ts ] || kill -KILL $$; echo 'Ran 0 tests across 1 file.'`,
      ],
      makeReader: readBunTest,
      clearUp: (id) => ["sh", "-c", `echo ${id} >>cleared`],
    },
    { ...aContext(root), idleMs: 60_000 },
  );
  const [first, second] = (await Bun.file(join(root, "ids")).text()).split("\n");
  expect(first).not.toBe(second);
  expect(await Bun.file(join(root, "cleared")).text()).toBe(`${first}\n`);
});

test("parts of the checks that hang are all named, and what the others said counts", async () => {
  const root = await aFolder();
  await mkdir(join(root, "tmp"));
  const tally = makeTally();
  await runBatch(
    {
      tier: "check",
      files: ["format", "lint", "types"],
      words: () => ["sh", "-c", "echo 'ok lint (0.1 s)'; sleep 600"],
      makeReader: readChecks,
    },
    { ...aContext(root), idleMs: 500, tally },
  );
  expect(tally.counts()).toEqual({ passed: 1, failed: 2, skipped: 0 });
});
