import { describe, expect, test } from "bun:test";
import { exists, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  countByFolder,
  folderOf,
  isReached,
  renderCounts,
  wallPlaces,
} from "../../../../scripts/lib/mutate/report.ts";
import { addResult, isCurrent, readResults } from "../../../../scripts/lib/mutate/results.ts";
import type { Result } from "../../../../scripts/lib/mutate/results.ts";
import { aFolder } from "../../../support/temporary.ts";

const result: Result = {
  id: "1",
  file: "src/plan/a.ts",
  line: 1,
  mutator: "EqualityOperator",
  original: "a < 1",
  changed: "a <= 1",
  by: null,
  source: "s",
  tests: "t",
  withEngine: false,
  seconds: 60,
};
const now: Pick<Result, "source" | "tests" | "withEngine" | "seconds" | "near"> = {
  source: "s",
  tests: "t",
  withEngine: false,
  seconds: 60,
};

describe("readResults()", () => {
  test("has the last of each change, and passes over half a line", async () => {
    const path = join(await aFolder(), "deep/results.jsonl");
    expect((await readResults(path)).size).toBe(0);
    await addResult(path, result);
    await addResult(path, { ...result, by: "tests" });
    const text = await Bun.file(path).text();
    await writeFile(path, `${text}{"id":"2","fi\nnull\n`);
    expect([...(await readResults(path)).values()]).toEqual([{ ...result, by: "tests" }]);
  });
});

describe("isCurrent()", () => {
  test.each<[string, Partial<Result>, Partial<typeof now>, boolean]>([
    ["nothing changed", {}, {}, true],
    ["its file changed", { by: "tests" }, { source: "other" }, false],
    ["noticed, and a test was added", { by: "tests" }, { tests: "other" }, true],
    ["unnoticed, and a test was added", {}, { tests: "other" }, false],
    ["unnoticed, and an engine is to be asked now", {}, { withEngine: true }, false],
    ["unnoticed by an engine, and none is asked now", { withEngine: true }, {}, true],
    ["cut short, and there is as much time", { isCutShort: true }, {}, true],
    ["cut short, and there is more time", { isCutShort: true }, { seconds: 61 }, false],
    ["unnoticed by the nearest, and more are to be asked", { near: 8 }, { near: 9 }, false],
    ["unnoticed by the nearest, and all are to be asked", { near: 8 }, {}, false],
    ["unnoticed by as many", { near: 8 }, { near: 8 }, true],
    ["unnoticed by all, and only the nearest are to be asked", {}, { near: 8 }, true],
    ["all tests asked, and there is more time", {}, { seconds: 61 }, true],
  ])("%s", (_, before, change, expected) => {
    expect(isCurrent({ ...result, ...before }, { ...now, ...change })).toBe(expected);
  });
});

test("a share is reached at its limit and missed one below", () => {
  const counts = (tests: number, unnoticed: number) => ({
    folder: "plan",
    types: 0,
    tests,
    engine: 0,
    unnoticed,
  });
  expect(isReached(counts(95, 5))).toBe(true);
  expect(isReached(counts(94, 6))).toBe(false);
  expect(isReached({ ...counts(94, 0), engine: 6 })).toBe(false);
  expect(isReached({ ...counts(85, 15), folder: "cli" })).toBe(true);
  expect(isReached({ ...counts(84, 16), folder: "cli" })).toBe(false);
});

test.each([
  ["src/plan/a.ts", "plan"],
  ["src/main.ts", "main"],
  ["src/sidecar/programs.ts", "sidecar"],
  ["src/sidecar/gate/deep/a.ts", "sidecar/gate"],
  ["src/bottle/docker/seccomp.ts", "bottle (walls)"],
  ["src/bottle/docker/canary.ts", "bottle (walls)"],
  ["src/bottle/image/dockerfile/words.ts", "bottle (walls)"],
  ["src/bottle/agent/closed-check.ts", "bottle (walls)"],
  ["src/bottle/running/sidecar-guard.ts", "bottle (walls)"],
  ["src/bottle/running/run-session.ts", "bottle"],
  ["src/bottle/docker/leftovers.ts", "bottle"],
  ["src/bottle/terminal/carry-bytes.ts", "bottle"],
])("%s counts for %s", (file, folder) => {
  expect(folderOf(file)).toBe(folder);
});

test("renderCounts()", () => {
  const some = [
    result,
    { ...result, by: "types" as const },
    { ...result, file: "src/cli/a.ts", by: "tests" as const },
  ];
  expect(renderCounts(countByFolder(some))).toMatchInlineSnapshot(`
    "folder  types  tests  engine  unnoticed  noticed      wanted
    cli         0      1       0          0     100%         85%
    plan        1      0       0          1      50%  95% missed"
  `);
});

test("the walls of a bottle are where they are said to be", async () => {
  const bottle = join(import.meta.dir, "../../../../src/bottle");
  const there = await Promise.all(wallPlaces.map((place) => exists(join(bottle, place))));
  expect(wallPlaces.filter((_, index) => !there[index])).toEqual([]);
});
