/** The whole of it on a checkout with one wall, whose test is first made so that it cannot fail. */
import { expect, spyOn, test } from "bun:test";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readOptions } from "../../../../scripts/lib/mutate/options.ts";
import { runMutations } from "../../../../scripts/lib/mutate/run.ts";
import { readResults } from "../../../../scripts/lib/mutate/results.ts";
import { aRepository } from "../../../support/temporary.ts";

const root = join(import.meta.dir, "../../../..");
const wall = "export function isGranted(size: number): boolean {\n  return size < 3;\n}\n";
const testOf = (call: string) =>
  `import { expect, test } from "bun:test";\nimport { isGranted } from "../../../src/plan/wall.ts";\n${call}\n`;
const blunt = testOf('test("grants", () => {\n  expect(typeof isGranted(1)).toBe("boolean");\n});');
const sharp = testOf(
  'test("grants", () => {\n  expect([2, 3].map((size) => isGranted(size))).toEqual([true, false]);\n});',
);

async function aCheckout() {
  const checkout = await aRepository({
    ".gitignore": "node_modules\n.cache\n",
    "tsconfig.json": await Bun.file(join(root, "tsconfig.json")).text(),
    "src/plan/wall.ts": wall,
    "src/sidecar/bundled/gate.txt": "",
    "test/unit/plan/wall.test.ts": blunt,
    "test/equivalent-mutants.jsonc": "[]",
  });
  await symlink(join(root, "node_modules"), join(checkout, "node_modules"));
  return checkout;
}

async function run(checkout: string, ...words: string[]) {
  const log = spyOn(console, "log").mockImplementation(() => {});
  const error = spyOn(console, "error").mockImplementation(() => {});
  try {
    const isEnough = await runMutations(checkout, readOptions(words)!, new AbortController().signal);
    const tries = error.mock.calls.map(([line]) => String(line));
    return { isEnough, told: log.mock.calls.join("\n"), tries };
  } finally {
    log.mockRestore();
    error.mockRestore();
  }
}

test("tells what a blunt test lets through, and no more once it is sharp; the checkout stays as it is", async () => {
  const checkout = await aCheckout();
  const first = await run(checkout, "plan", "--sample", "all");
  expect(first.isEnough).toBe(false);
  expect(first.told).toContain(
    "src/plan/wall.ts:2 EqualityOperator\n- return size < 3;\n+ return size <= 3;",
  );

  await writeFile(join(checkout, "test/unit/plan/wall.test.ts"), sharp);
  const second = await run(checkout, "plan", "--sample", "all");
  expect(second).toMatchObject({ isEnough: true });
  expect(second.told).not.toContain("size <= 3");
  // Only what nothing noticed is tried again
  expect([first, second].map(({ tries }) => tries.length)).toEqual([5, 2]);
  const results = await readResults(join(checkout, ".cache/mutate.jsonl"));
  expect([...results.values()].map(({ by }) => by).toSorted()).toEqual([
    "tests",
    "tests",
    "tests",
    "types",
    "types",
  ]);

  expect((await run(checkout, "plan", "--sample", "all")).tries).toEqual([]);
  expect(await Bun.file(join(checkout, "src/plan/wall.ts")).text()).toBe(wall);
}, 120_000);

test("asks no more tests than it was told to, and the others once it is not", async () => {
  const checkout = await aCheckout();
  await writeFile(join(checkout, "test/unit/plan/zone.test.ts"), sharp);
  const unnoticed = async (...words: string[]) => {
    const { told } = await run(checkout, "plan", "--sample", "all", ...words);
    return told.includes("size <= 3");
  };
  expect(await unnoticed("--near", "1")).toBe(true);
  expect(await unnoticed()).toBe(false);
}, 120_000);

test("refuses a place where no source is", async () => {
  await expect(run(await aCheckout(), "plans")).rejects.toThrow('Cannot change "plans"');
});

test("refuses a number that is none", () => {
  expect(() => readOptions(["--sample", "many"])).toThrow('--sample takes a number, not "many"');
  expect(readOptions(["src/plan/", "--sample", "all"])).toMatchObject({
    places: ["plan"],
    sample: Number.POSITIVE_INFINITY,
  });
  expect(() => readOptions(["--near", "-1"])).toThrow();
  expect(readOptions(["--near", "8"])).toMatchObject({ near: 8 });
  expect(readOptions([])).toMatchObject({ near: Number.POSITIVE_INFINITY });
  expect(readOptions(["--help"])).toBeUndefined();
});
