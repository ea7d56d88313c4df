/** A bounded number of trials of every fuzzer; `scripts/fuzz` runs as many as wanted. */
import { describe, expect, test } from "bun:test";
import { readOptions } from "../../../../scripts/lib/fuzz/options.ts";
import { runTrials } from "../../../../scripts/lib/fuzz/run-trials.ts";
import { fuzzers } from "../../../../scripts/lib/fuzz/table.ts";

describe("a fuzzer", () => {
  test.each(Object.keys(fuzzers))("finds nothing in some trials of its own: %s", async (name) => {
    const fuzzer = await fuzzers[name]?.();
    if (!fuzzer) throw new Error("none");
    const seed = Date.now() % 1_000_000;
    expect((await runTrials(fuzzer, { seed, count: 500 })).failures).toEqual([]);
  });

  test("tells each failure with the seed that gives it again, and what was thrown", async () => {
    const fails = {
      try: (picker: { below(count: number): number }) => {
        const number = picker.below(4);
        if (number === 0) throw new Error("oops");
        return number === 1 ? "one" : undefined;
      },
    };
    const { failures, trials } = await runTrials(fails, { seed: 5, count: 12 });
    expect(trials).toBe(12);
    expect(failures.length).toBeGreaterThan(1);
    for (const failure of failures) {
      const again = await runTrials(fails, { seed: failure.seed, count: 1 });
      expect(again.failures[0]?.seed).toBe(failure.seed);
      expect(failure.problem).toMatch(/^(?:one$|it threw Error: oops)/);
    }
  });

  test("is named, and gets as many trials as asked for", () => {
    expect(readOptions(["a", "--seed", "7", "--count", "3"], ["a", "b"])).toEqual({
      names: ["a"],
      seed: 7,
      count: 3,
    });
    expect(readOptions(["all"], ["a", "b"])?.names).toEqual(["a", "b"]);
    expect(readOptions(["--help"], [])).toBeUndefined();
    expect(() => readOptions([], ["a"])).toThrow("Name one of");
    expect(() => readOptions(["x"], ["a"])).toThrow("none of");
    expect(() => readOptions(["a", "--seed", "x"], ["a"])).toThrow("--seed takes a number");
  });
});
