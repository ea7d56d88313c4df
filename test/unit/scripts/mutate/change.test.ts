import { describe, expect, test } from "bun:test";
import { applyChange, sampleChanges, tellChange } from "../../../../scripts/lib/mutate/change.ts";
import { drawChanges } from "../../../../scripts/lib/mutate/draw.ts";

const text = `export function isIn(at: number, length: number): boolean {
  // A comment
  return at >= 0 && at < length;
}
`;

describe("drawChanges()", () => {
  test("moves a boundary both ways, and gives the whole text with it", async () => {
    const changes = await drawChanges("src/a.ts", text);
    const moved = changes.filter(({ mutator }) => mutator === "EqualityOperator");
    expect(moved.map(({ changed }) => changed)).toEqual([
      "return at > 0 && at < length;",
      "return at < 0 && at < length;",
      "return at >= 0 && at <= length;",
      "return at >= 0 && at >= length;",
    ]);
    expect(moved.map(({ line }) => line)).toEqual([3, 3, 3, 3]);
    expect(applyChange(text, moved[2]!)).toBe(text.replace("at < length", "at <= length"));
  });

  test("keeps what an operator holds together", async () => {
    const changes = await drawChanges("src/a.ts", "export const f = (a: boolean) => a && a && !a;\n");
    const turned = changes.filter(({ mutator }) => mutator === "LogicalOperator");
    expect(turned.map(({ changed }) => changed)).toContain(
      "export const f = (a: boolean) => (a || a) && !a;",
    );
  });

  test("leaves words alone", async () => {
    expect(await drawChanges("src/a.ts", 'export const word = "a";\n')).toEqual([]);
  });

  test("tells changes apart that look the same", async () => {
    const twice = "export const f = () => {\n  g();\n  g();\n};\ndeclare function g(): void;\n";
    const changes = await drawChanges("src/a.ts", twice);
    expect(new Set(changes.map(({ id }) => id)).size).toBe(changes.length);
    const calls = changes.filter(({ mutator }) => mutator === "CallExpression");
    expect(calls.map(({ line }) => line)).toEqual([2, 3]);
  });

  test("throws for what is no TypeScript", async () => {
    await expect(drawChanges("src/a.ts", "const = ;")).rejects.toThrow();
  });
});

describe("sampleChanges()", () => {
  test("is the same for a seed, another for another, and does not move with other lines", async () => {
    const changes = await drawChanges("src/a.ts", text);
    const ids = (seed: number, some = changes) => sampleChanges(some, 3, seed).map(({ id }) => id);
    expect(ids(1)).toEqual(ids(1));
    expect(ids(1)).not.toEqual(ids(2));
    const below = await drawChanges("src/a.ts", `// One more line\n\n${text}`);
    expect(ids(1, below)).toEqual(ids(1));
  });

  test("has all if there are no more", async () => {
    const changes = await drawChanges("src/a.ts", text);
    expect(sampleChanges(changes, Number.POSITIVE_INFINITY, 1)).toHaveLength(changes.length);
  });
});

test("tellChange() has the place and the difference, also of long lines", async () => {
  const long = `export const f = (a: number) => "${"x".repeat(300)}".length + (a < 1 ? 1 : 2);\n`;
  const changes = await drawChanges("src/a.ts", long);
  const moved = changes.find(({ changed }) => changed.includes("a <= 1"))!;
  const lines = tellChange(moved).split("\n");
  expect(lines[0]).toBe("src/a.ts:1 EqualityOperator");
  expect(lines[1]).toContain("a < 1");
  expect(lines[2]).toContain("a <= 1");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(170);
});
