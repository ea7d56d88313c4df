import { describe, expect, test } from "bun:test";
import type { ArgsDef } from "citty";
import { BottleError } from "../../../../src/core/error.ts";
import { checkWords } from "../../../../src/cli/args/check-words.ts";

const args = {
  agent: { type: "positional", required: true },
  "dry-run": { type: "boolean" },
  yes: { type: "boolean", alias: "y" },
  cache: { type: "boolean", default: true },
  for: { type: "string" },
} as const satisfies ArgsDef;

function problemOf(words: readonly string[]): string {
  try {
    checkWords("start", words, args);
  } catch (error) {
    if (!(error instanceof BottleError)) throw error;
    expect(error.exitCode).toBe(2);
    return `${error.message} | ${error.hint}`;
  }
  return "fine";
}

describe("checkWords()", () => {
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
