import { describe, expect, test } from "bun:test";
import { readBunTest, readChecks } from "../../../../scripts/lib/test/reader.ts";

const files = ["test/a.test.ts", "test/b.test.ts", "test/c.test.ts"];

describe("what bun test says", () => {
  test("is a file, results of it with their time, and its own count", () => {
    const reader = readBunTest(files);
    expect(reader.current()).toEqual(["test/a.test.ts"]);
    expect(reader.untouched()).toEqual(["test/b.test.ts", "test/c.test.ts"]);
    const said = [
      "bun test v1.4.5 (a7733435c)",
      "",
      "test/a.test.ts:",
      "(pass) outer > one [0.06ms]",
      "(skip) outer > two",
      "",
      "test/b.test.ts:",
      "(todo) later",
      "(fail) slow [12.50s]",
      "no end of line before this(pass) three",
    ].map((line) => reader.read(line));
    const result = (file: string, verdict: string, name: string, ms: number) => ({
      kind: "result",
      file: `test/${file}.test.ts`,
      verdict,
      name,
      ms,
    });
    expect(said.filter((one) => one.kind !== "other")).toEqual([
      { kind: "file", file: "test/a.test.ts" },
      result("a", "passed", "outer > one", 0.06),
      result("a", "skipped", "outer > two", 0),
      { kind: "file", file: "test/b.test.ts" },
      result("b", "skipped", "later", 0),
      result("b", "failed", "slow", 12_500),
      result("b", "passed", "three", 0),
    ] as never);
    expect([reader.current(), reader.untouched()]).toEqual([["test/b.test.ts"], ["test/c.test.ts"]]);
    expect([reader.isWhole(), reader.summary()]).toEqual([false, undefined]);
    for (const line of [" 2 pass", " 1 skip", " 1 todo", " 1 fail", " 1 error", " 9 expect() calls"])
      reader.read(line);
    expect(reader.isWhole()).toBe(false);
    reader.read("Ran 5 tests across 2 files. [12.60s]");
    expect([reader.isWhole(), reader.summary()]).toEqual([true, { passed: 2, failed: 1, skipped: 2 }]);
  });

  test("names a file once, and none that it was not given", () => {
    const reader = readBunTest(files);
    const kinds = ["test/a.test.ts:", "test/a.test.ts:", "src/x.ts:"].map((line) => reader.read(line).kind);
    expect(kinds).toEqual(["file", "other", "other"]);
  });

  test("has what failed outside of a test between two rules", () => {
    const reader = readBunTest(files);
    const lines = [
      "test/a.test.ts:",
      "-----",
      "# Unhandled error between tests",
      "-----",
      "error: x",
      "-----",
    ];
    const said = lines.map((line) => reader.read(line));
    expect(said.map((one) => one.kind)).toEqual(["file", "other", "other", "other", "other", "result"]);
    expect(said.at(-1)).toMatchObject({ file: "test/a.test.ts", verdict: "failed" });
  });

  test("lists what failed once more at its end, which counts once", () => {
    const reader = readBunTest(files);
    const kinds = ["(fail) one", "1 tests failed:", "(fail) one"].map((line) => reader.read(line).kind);
    expect(kinds).toEqual(["result", "other", "other"]);
  });

  test("tells people why something is skipped", () => {
    expect(readBunTest(files).read("Skipping completion in fish: it is not installed").kind).toBe("note");
  });
});

test("the checks are through when each part has said how it went", () => {
  const reader = readChecks(["format", "lint"]);
  expect([reader.current(), reader.isWhole()]).toEqual([["format", "lint"], false]);
  expect(reader.read("failed lint (1.5 s)")).toEqual({
    kind: "result",
    file: "lint",
    name: "lint",
    verdict: "failed",
    ms: 1_500,
  });
  expect(reader.read("src/x.ts: a fault")).toEqual({ kind: "note" });
  expect([reader.current(), reader.isWhole()]).toEqual([["format"], false]);
  expect(reader.read("ok format (0.2 s)")).toMatchObject({ file: "format", verdict: "passed" });
  expect(reader.isWhole()).toBe(true);
});
