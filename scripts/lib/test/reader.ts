/** What a command that runs tests says, line by line as it comes, and what that means. */
import type { Counts, Verdict } from "./result.ts";

export type Said =
  /** What comes from here on belongs to this file */
  | { readonly kind: "file"; readonly file: string }
  | {
      readonly kind: "result";
      readonly file: string;
      readonly name: string;
      readonly verdict: Verdict;
      readonly ms: number;
    }
  /** For people whatever comes of the test, such as why something is skipped */
  | { readonly kind: "note" }
  /** Of interest only if what it belongs to fails */
  | { readonly kind: "other" };

export interface Reader {
  read(line: string): Said;
  /** Files that have begun and are not done; where none has begun, what will be first */
  current(): readonly string[];
  /** Files that come after these */
  untouched(): readonly string[];
  /** The command has said that it is through with all of them */
  isWhole(): boolean;
  /** The command's own count, if it gives one at its end */
  summary(): Counts | undefined;
}

const verdicts: Readonly<Record<string, Verdict>> = {
  pass: "passed",
  fail: "failed",
  skip: "skipped",
  todo: "skipped",
};
const note = { kind: "note" } as const;
const other = { kind: "other" } as const;

/** For `bun test` with these files, which it takes one after the other and names each before it loads it. */
export function readBunTest(files: readonly string[]): Reader {
  const left = new Set(files);
  let current: string | undefined;
  let rulesToCome = 0;
  let isAtEnd = false;
  let isWhole = false;
  const own = new Map<string, number>();
  const count = (word: string) => own.get(word) ?? 0;
  return {
    read(line) {
      const file = line.slice(0, -1);
      if (line.endsWith(":") && left.delete(file)) return { kind: "file", file: (current = file) };
      // Where there were many, what failed and was skipped is listed once more
      isAtEnd ||= /^\d+ tests? (failed|skipped|todo):$/.test(line);
      // Behind what a program left on its line without an end
      const result = isAtEnd ? null : /\((pass|fail|skip|todo)\) (.+?)(?: \[([\d.]+)(m?)s\])?$/.exec(line);
      if (result) {
        const [, verdict = "", name = "", time = "0", milli] = result;
        const ms = Number(time) * (milli === "" ? 1_000 : 1);
        return { kind: "result", file: current ?? "", name, verdict: verdicts[verdict] ?? "failed", ms };
      }
      // What failed outside of a test stands between two rules below this line
      if (line === "# Unhandled error between tests") rulesToCome = 2;
      else if (/^-{5,}$/.test(line) && rulesToCome > 0 && --rulesToCome === 0)
        return {
          kind: "result",
          file: current ?? "",
          name: "(outside of its tests)",
          verdict: "failed",
          ms: 0,
        };
      const [, number, word = ""] = /^ *(\d+) (pass|fail|skip|todo)$/.exec(line) ?? [];
      if (number !== undefined) own.set(word, Number(number));
      isWhole ||= /^Ran \d+ tests? across \d+ files?\./.test(line);
      return line.startsWith("Skipping ") ? note : other;
    },
    current: () => [current ?? [...left][0] ?? ""],
    untouched: () => [...left].slice(current === undefined ? 1 : 0),
    isWhole: () => isWhole,
    summary: () =>
      isWhole
        ? { passed: count("pass"), failed: count("fail"), skipped: count("skip") + count("todo") }
        : undefined,
  };
}

/** For `scripts/check.ts` with these parts, which it runs side by side, with the output of what failed below its line. */
export function readChecks(parts: readonly string[]): Reader {
  const left = new Set(parts);
  return {
    read(line) {
      const [, word, part = "", seconds] = /^(ok|failed) (\S+) \(([\d.]+) s\)$/.exec(line) ?? [];
      if (!left.delete(part)) return line === "" ? other : note;
      const verdict = word === "ok" ? "passed" : "failed";
      return { kind: "result", file: part, name: part, verdict, ms: Number(seconds) * 1_000 };
    },
    current: () => [...left],
    untouched: () => [],
    isWhole: () => left.size === 0,
    summary: () => undefined,
  };
}
