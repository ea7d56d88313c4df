import { describe, expect, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { readBunTest } from "../../../../scripts/lib/test/reader.ts";
import { readRecord } from "../../../../scripts/lib/test/record.ts";
import type { Counts } from "../../../../scripts/lib/test/result.ts";
import { runTests } from "../../../../scripts/lib/test/run-tests.ts";
import { openScreen } from "../../../../scripts/lib/test/screen.ts";
import type { TierPlan } from "../../../../scripts/lib/test/tiers.ts";
import { aFolder } from "../../../support/temporary.ts";

/** A file of a tier that runs nothing: a script says what `bun test` would say of it. */
const batch = (tier: string, file: string, script: string) => ({
  tier,
  files: [file],
  words: () => ["sh", "-c", `echo; echo ${file}:; ${script}`],
  makeReader: readBunTest,
});
const passes = "echo '(pass) one [1.00ms]'; echo ' 1 pass'; echo 'Ran 1 test across 1 file. [1ms]'";
const fails = `echo why; echo '(fail) two [2.50s]'; echo ' 1 fail'; echo 'Ran 1 test across 1 file. [1ms]'; exit 1`;
const skips = "echo '(skip) three'; echo ' 1 skip'; echo 'Ran 1 test across 1 file. [1ms]'";

async function aRun(
  plans: readonly TierPlan[],
  more: { root?: string; signal?: AbortSignal; jobs?: number; again?: boolean } = {},
) {
  const root = more.root ?? (await aFolder());
  await mkdir(join(root, "tmp"), { recursive: true });
  let shown = "";
  let last: Counts | undefined;
  const counts = await runTests({
    plans,
    jobs: more.jobs ?? 1,
    again: more.again ?? false,
    secondsOf: () => 1,
    screen: openScreen({ write: (text) => (shown += text) }, () => 0),
    recordPath: join(root, ".cache/last.json"),
    onCounts: (some) => void (last = some),
    root,
    env: { PATH: process.env["PATH"] },
    temporary: join(root, "tmp"),
    idleMs: 60_000,
    signal: more.signal ?? new AbortController().signal,
  });
  return {
    root,
    counts,
    last,
    lines: shown.split("\n"),
    record: await readRecord(join(root, ".cache/last.json")),
  };
}

describe("a run of tiers", () => {
  test("counts over all, tells each tier, what was skipped, slow and failed, and remembers what failed", async () => {
    const { counts, last, lines, record } = await aRun([
      {
        name: "unit",
        shared: [],
        lacking: [],
        alone: [batch("unit", "a", passes), batch("unit", "b", fails)],
      },
      {
        name: "engine",
        shared: [batch("engine", "c", skips)],
        lacking: [],
        alone: [batch("engine", "d", passes)],
      },
    ]);
    expect(counts).toEqual({ passed: 2, failed: 1, skipped: 1 });
    expect(last).toEqual(counts);
    const timeless = lines.map((line) => line.replace(/ in \d+ s$/, ""));
    expect(timeless).toContain("unit: 1 passed, 1 failed, 0 skipped");
    expect(timeless).toContain("engine: 1 passed, 0 failed, 1 skipped");
    expect(timeless.slice(timeless.indexOf("b:"), timeless.indexOf("b:") + 3)).toEqual([
      "b:",
      "why",
      "(fail) two [2.50s]",
    ]);
    expect(timeless.slice(timeless.indexOf("Skipped:"))).toEqual([
      "Skipped:",
      "  c: three",
      "",
      "Slowest:",
      "         3 s  b: two",
      "",
      "Failed:",
      "  b: two",
      "Again: scripts/test --failed",
      "",
    ]);
    expect(record.failed).toEqual({ unit: ["b"] });
    expect(Object.keys(record.seconds).toSorted()).toEqual(["a", "b", "c", "d"]);
  });

  test("skips a file that needs what is not here, and says so", async () => {
    const lacking = [{ file: "x", program: "no-such-program" }];
    const { counts, lines } = await aRun([
      { name: "unit", shared: [], lacking, alone: [batch("unit", "a", passes)] },
    ]);
    expect(counts).toEqual({ passed: 1, failed: 0, skipped: 1 });
    expect(lines).toContain("Skipping x: no-such-program is not installed");
    expect(lines).toContain("  x: needs no-such-program");
  });

  test("forgets a failure once its file has passed, and no other", async () => {
    const { root } = await aRun([
      {
        name: "unit",
        shared: [],
        lacking: [],
        alone: [batch("unit", "a", fails), batch("unit", "b", fails)],
      },
      { name: "engine", shared: [], lacking: [], alone: [batch("engine", "c", fails)] },
    ]);
    const again = await aRun(
      [{ name: "unit", shared: [], lacking: [], alone: [batch("unit", "b", passes)] }],
      { root },
    );
    expect(again.record.failed).toEqual({ unit: ["a"], engine: ["c"] });
  });

  test("runs side by side what may, and then by itself what may not", async () => {
    const root = await aFolder();
    // Each of the two waits for the other; what is alone has to find nobody
    const meets = (own: string, other: string) =>
      `touch ${own}; until [ -e ${other} ]; do sleep 0.02; done; echo ${own} >>ended; ${passes}`;
    const plan: TierPlan = {
      name: "engine",
      shared: [batch("engine", "a", meets("a1", "b1")), batch("engine", "b", meets("b1", "a1"))],
      lacking: [],
      alone: [batch("engine", "c", `cp ended seen; ${passes}`)],
    };
    const { counts } = await aRun([plan], { root, jobs: 2 });
    expect(counts).toEqual({ passed: 3, failed: 0, skipped: 0 });
    expect((await Bun.file(join(root, "seen")).text()).split("\n").toSorted()).toEqual(["", "a1", "b1"]);
  });

  test("that is stopped counts what was done, and keeps what it did not come to as it was known", async () => {
    const { root } = await aRun([
      { name: "unit", shared: [], lacking: [], alone: [batch("unit", "b", fails)] },
    ]);
    const stop = new AbortController();
    const running = aRun(
      [
        {
          name: "unit",
          shared: [],
          lacking: [],
          alone: [
            batch("unit", "a", `echo '(pass) one'; touch begun; sleep 600`),
            batch("unit", "b", passes),
          ],
        },
      ],
      { root, signal: stop.signal },
    );
    while (!(await Bun.file(join(root, "begun")).exists())) await Bun.sleep(10);
    stop.abort();
    const { counts, record } = await running;
    expect(counts).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(record.failed).toEqual({ unit: ["b"] });
    expect(record.seconds["a"]).toBeUndefined();
  });
});

describe("a second look at what failed", () => {
  const plan = (...batches: TierPlan["alone"]): TierPlan => ({
    name: "engine",
    shared: [],
    lacking: [],
    alone: batches,
  });
  /** Fails the first time that it is run in this folder */
  const once = (file: string) =>
    batch("engine", file, `if [ -e been-${file} ]; then ${passes}; else touch been-${file}; ${fails}; fi`);

  test("counts what passes then as passed, and lists it", async () => {
    const { counts, last, lines, record } = await aRun([plan(once("a"), batch("engine", "b", passes))], {
      again: true,
    });
    expect(counts).toEqual({ passed: 2, failed: 0, skipped: 0 });
    expect(last).toEqual(counts);
    const at = lines.indexOf("Unsteady (failed, and passed when run again alone):");
    expect(lines[at + 1]).toBe("  a: two");
    expect(lines).not.toContain("Failed:");
    expect(record.failed).toEqual({});
  });

  test("leaves a failure that comes again, and one that nobody asked to look at again", async () => {
    const again = await aRun([plan(batch("engine", "a", fails))], { again: true });
    expect([again.counts.failed, again.lines.includes("  a: two")]).toEqual([1, true]);
    expect((await aRun([plan(once("a"))])).counts.failed).toBe(1);
  });

  test("is not given to more files than chance could have failed, nor to a check", async () => {
    const many = await aRun([plan(...["a", "b", "c", "d", "e", "f"].map(once))], { again: true });
    expect(many.counts.failed).toBe(6);
    const check = { ...plan(), name: "check", alone: [{ ...once("a"), tier: "check" }] } as TierPlan;
    expect((await aRun([check], { again: true })).counts.failed).toBe(1);
  });
});
