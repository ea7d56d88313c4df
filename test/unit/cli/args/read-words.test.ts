import { describe, expect, test } from "bun:test";
import { parseArgs } from "citty";
import type { ArgsDef } from "citty";
import { BottleError } from "../../../../src/core/error.ts";
import { readWords } from "../../../../src/cli/args/read-words.ts";

const args = {
  agent: { type: "positional", required: true },
  "dry-run": { type: "boolean" },
  yes: { type: "boolean", alias: "y" },
  cache: { type: "boolean", default: true },
  for: { type: "string" },
} as const satisfies ArgsDef;

function problemOf(words: readonly string[]): string {
  try {
    readWords("start", words, args);
  } catch (error) {
    if (!(error instanceof BottleError)) throw error;
    expect(error.exitCode).toBe(2);
    return `${error.message} | ${error.hint}`;
  }
  return "fine";
}

describe("readWords()", () => {
  test.each([
    [["a"]],
    [["a", "--dry-run", "-y"]],
    [["--yes", "a", "--no-cache"]],
    [["a", "--for", "2h"]],
    [["a", "--for=2h"]],
  ])("accepts %j", (words) => {
    expect(problemOf(words)).toBe("fine");
  });

  test.each([
    [["a", "--yess"], 'unknown flag "--yess" | Did you mean --yes?'],
    [["a", "--dryrun"], 'unknown flag "--dryrun" | Did you mean --dry-run?'],
    [
      ["a", "-z"],
      `unknown flag "-z" | Put Claude's arguments after "--", as in "claude-bottle start … -- -z".`,
    ],
    [["a", "-yz"], 'unknown flag "-yz" | Did you mean -y?'],
    [["a", "--no-yes"], 'unknown flag "--no-yes" | Did you mean --yes?'],
    [["a", "--cache"], 'unknown flag "--cache" | Did you mean --no-cache?'],
    [["a", "--yes", "--yes"], '"--yes" is given twice | Give it once.'],
    [["a", "--yes", "-y"], '"-y" is given twice | Give it once.'],
    [["a", "--yes=false"], '"--yes" takes no value | Write --yes alone.'],
    [["a", "--for"], '"--for" needs a value | Write --for=VALUE.'],
    [["a", "--for", "--yes"], '"--for" needs a value | Write --for=VALUE.'],
    [
      ["a", "b"],
      `unexpected argument "b" | Put Claude's arguments after "--", as in "claude-bottle start … -- b".`,
    ],
    [
      ["a", "fix!echo it"],
      `unexpected argument "fix!echo it" | Put Claude's arguments after "--", as in "claude-bottle start … -- 'fix!echo it'".`,
    ],
    [["a", "yes"], 'unexpected argument "yes" | Did you mean --yes?'],
    [[], 'missing argument: AGENT | See "claude-bottle start --help".'],
  ])("refuses %j", (words, problem) => {
    expect(problemOf(words)).toBe(`Cannot run "claude-bottle start": ${problem}`);
  });

  test("escapes what was typed", () => {
    expect(problemOf(["a", "--\u001b[2Jx"])).toContain('"--\\x1b[2Jx"');
  });
});

describe("what was read", () => {
  test("is under the names of the arguments, with their defaults, and -- takes none of it", () => {
    expect(readWords("start", ["a", "-y", "--for=2h"], args)).toEqual({
      _: ["a"],
      agent: "a",
      yes: true,
      cache: true,
      for: "2h",
    });
    expect(readWords("start", ["--no-cache", "a", "--for", "="], args)).toMatchObject({
      cache: false,
      for: "=",
    });
    expect(readWords("start", ["a", "--for="], args)).toMatchObject({ for: "" });
    expect(readWords("stop", ["a", "b", "-"], { bottle: args.agent }, true)).toEqual({
      _: ["a", "b", "-"],
      bottle: "a",
    });
  });

  test("is what citty reads of the same words, wherever both take them", () => {
    const pieces = ["a", "b", "-", "", "--dry-run", "-y", "--yes", "--no-cache", "--for", "--for=1", "x=y"];
    let [seed, taken] = [7, 0];
    const pick = () => pieces[(seed = (seed * 16_807) % 2_147_483_647) % pieces.length] ?? "";
    for (let round = 0; round < 3_000; round += 1) {
      const words = Array.from({ length: 1 + (round % 5) }, pick);
      if (problemOf(words) !== "fine") continue;
      taken += 1;
      const read = readWords("start", words, args);
      const theirs = parseArgs<ArgsDef>([...words], args);
      for (const name of [...Object.keys(args), "_"])
        expect([words, name, read[name]]).toEqual([words, name, theirs[name]]);
    }
    expect(taken).toBeGreaterThan(300);
  });
});
