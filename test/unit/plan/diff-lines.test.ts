import { expect, test } from "bun:test";
import { diffLines } from "../../../src/plan/diff-lines.ts";

/** What is left of `before` and what came, which has to be `after` */
function apply(before: readonly string[], changed: ReturnType<typeof diffLines>, length: number): string[] {
  const gone = new Set(changed.filter((one) => one.sign === "-").map((one) => one.line));
  const came = new Map(changed.filter((one) => one.sign === "+").map((one) => [one.line, one.text]));
  const kept = before.filter((_, index) => !gone.has(index + 1)).values();
  return Array.from({ length }, (_, index) => came.get(index + 1) ?? kept.next().value ?? "missing");
}

test("leads from every text to every other, and names no line that both have in the same order", () => {
  let seed = 1;
  const next = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let round = 0; round < 2_000; round += 1) {
    const lines = () => Array.from({ length: next(9) }, () => "abc"[next(3)] ?? "");
    const [before, after] = [lines(), lines()];
    const changed = diffLines(before, after);
    expect(apply(before, changed, after.length)).toEqual(after);
    for (const { sign, line, text } of changed) expect((sign === "+" ? after : before)[line - 1]).toBe(text);
    expect(diffLines(before, before)).toEqual([]);
  }
});

test("takes what is too long to compare as all gone and all new, but for what both begin and end with", () => {
  const many = (word: string) => Array.from({ length: 2_000 }, (_, index) => `${word} ${index}`);
  const changed = diffLines(["head", ...many("a"), "tail"], ["head", ...many("b"), "tail"]);
  expect(changed).toHaveLength(4_000);
  expect(changed[0]).toEqual({ sign: "-", line: 2, text: "a 0" });
});
