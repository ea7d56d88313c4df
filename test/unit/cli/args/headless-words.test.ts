import { describe, expect, test } from "bun:test";
import { readName } from "../../../../src/cli/args/bottle-name.ts";
import { renderAge } from "../../../../src/cli/render/age.ts";
import { makeHeadlessWords } from "../../../../src/cli/args/headless-words.ts";

const flags = { prompt: "do it", outputFormat: undefined, hasInput: false, rest: [] };

describe("makeHeadlessWords()", () => {
  test("puts the prompt last, whatever it begins with", () => {
    expect(makeHeadlessWords({ ...flags, prompt: "-x", rest: ["--model", "opus"] })).toEqual([
      "--print",
      "--model",
      "opus",
      "--",
      "-x",
    ]);
    expect(makeHeadlessWords({ ...flags, outputFormat: "stream-json" })).toEqual([
      "--print",
      "--output-format",
      "stream-json",
      "--verbose",
      "--",
      "do it",
    ]);
    expect(makeHeadlessWords({ ...flags, prompt: undefined, hasInput: true })).toEqual(["--print"]);
  });

  test.each([
    [{ prompt: undefined }, "there is no prompt"],
    [{ prompt: " " }, "the prompt is empty"],
    [{ prompt: "x".repeat(128 * 1024) }, "the prompt is too long for a command line"],
    [{ outputFormat: "xml" }, '"xml" is not an output format'],
  ])("refuses what claude could not use", (difference, state) => {
    expect(() => makeHeadlessWords({ ...flags, ...difference })).toThrow(state);
  });
});

describe("readName()", () => {
  test.each(["Review", "a_b", "-a", "a-", "", "x".repeat(41)])("refuses %j", (text) => {
    expect(() => readName(text)).toThrow("Cannot name a bottle");
  });
  test("takes what object names take", () => {
    expect([readName("review-2"), readName("a"), readName(undefined)]).toEqual(["review-2", "a", undefined]);
  });
});

describe("renderAge()", () => {
  test("gives the largest unit that fits", () => {
    const now = Date.parse("2026-01-03T00:00:00Z");
    const ages = [
      "2026-01-02T23:59:18Z",
      "2026-01-02T23:55:00Z",
      "2026-01-02T21:00:00Z",
      "2026-01-01T00:00:00Z",
      "2027-01-01T00:00:00Z",
    ];
    expect(ages.map((since) => renderAge(since, now))).toEqual(["42s", "5m", "3h", "2d", "0s"]);
  });
});
