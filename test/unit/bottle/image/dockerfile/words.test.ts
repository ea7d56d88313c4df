import { describe, expect, test } from "bun:test";
import { expandWord, splitWords, unknownValue } from "../../../../../src/bottle/image/dockerfile/words.ts";

const scope = new Map<string, string | undefined>([
  ["A", "a"],
  ["EMPTY", ""],
  ["UNKNOWN", undefined],
]);

describe("expandWord()", () => {
  test.each([
    ["x", "x"],
    ["$A", "a"],
    ["${A}", "a"],
    ["x${A}y$A", "xaya"],
    ["$AB", ""],
    ["${NONE}", ""],
    ["${NONE:-x}", "x"],
    ["${NONE-x}", "x"],
    ["${EMPTY:-x}", "x"],
    ["${EMPTY-x}", ""],
    ["${A:-x}", "a"],
    ["${A:+x}", "x"],
    ["${EMPTY:+x}", ""],
    ["${EMPTY+x}", "x"],
    ["${A:?an error}", "a"],
    ["${NONE:-${A}}", "a"],
    ["${NONE:-$A}", "a"],
    ["'$A'", "$A"],
    ['"$A b"', "a b"],
    ["\\$A", "$A"],
    ["a\\b", "ab"],
    ["$", "$"],
    ["x-$UNKNOWN", `x-${unknownValue}`],
    ["${UNKNOWN:-x}", unknownValue],
  ])("%j", (word, expanded) => {
    expect(expandWord(word, scope, "\\")).toBe(expanded);
  });

  test("escapes by what the file says", () => {
    expect(expandWord("\\`$A", scope, "`")).toBe("\\$A");
  });
});

describe("splitWords()", () => {
  test("splits outside of quotes, and leaves them", () => {
    expect(splitWords("  a 'b c'd \"e 'f\" g\\ h  ", "\\")).toEqual(["a", "'b c'd", '"e \'f"', "g\\ h"]);
    expect(splitWords("a 'b c", "\\")).toEqual(["a", "'b c"]);
    expect(splitWords("", "\\")).toEqual([]);
  });
});
